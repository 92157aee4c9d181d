"""A publisher's page with tracked links and a widget on another origin, to see Eyeshot at work."""
