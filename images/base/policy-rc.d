#!/bin/sh
# No service is started by a package: an image has no init system.
exit 101
