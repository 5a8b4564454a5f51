/*
 * capd: the collector under the names nfcapd and sfcapd, with their command
 * line instead of a configuration file.
 */
#ifndef COLLECTOR_CAPD_H
#define COLLECTOR_CAPD_H

#include <stdbool.h>

/* "nfcapd" or "sfcapd", with any folder before it? */
bool capd_is_name(const char *argv0);

/* Run so; the exit status. */
int capd_main(int argc, char **argv);

#endif
