#!/usr/bin/env bash
# Makes sure that there is a Chromium: installs Debian's as root, else says how to get one.
set -euo pipefail
[[ -z ${CHROMIUM:-} ]] || exit 0
for name in chromium chromium-browser google-chrome-stable google-chrome; do
    if command -v "$name" >/dev/null; then exit 0; fi
done
if [[ $(id -u) == 0 ]] && command -v apt-get >/dev/null; then
    echo "Installing Chromium (apt-get install chromium) …"
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null
    exit 0
fi
echo "Chromium is missing: tests and demo read pages in it. To get it: sudo apt-get install chromium, or set CHROMIUM to its path" >&2
exit 1
