"""The lake as its writers share it: a store of objects, the commit log over it, and the publishing of commits.

The rules are in `eyeshot.commit_log`; here they meet a store. Only `s3` knows which one.
"""
