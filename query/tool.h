/*
 * tool: nfdump's companions, each with a command line of its own, and what
 * these have in common.
 *
 * Exit statuses: 0; 1 for arguments and for what cannot be done at all; 2
 * when some of it was done and the rest could not.
 */
#ifndef QUERY_TOOL_H
#define QUERY_TOOL_H

#include <getopt.h>
#include <stdint.h>

#include "base/err.h"
#include "query/names.h"

#define TOOL_FAILED  1
#define TOOL_PARTLY  2
#define TOOL_NOTHING 255 /* nfexpire for all that goes wrong */

tool_main tool_anon;
tool_main tool_expire;
tool_main tool_replay;

/* The tool's name in front of all that is said on standard error. */
void tool_say(const char *tool, const char *text);

/* What getopt_long's ':' or '?' is about.  Always -1. */
int tool_bad_option(int c, char **argv, struct err *err);

/* A whole number of an option, least <= n <= most. */
int tool_number(char option, const char *text, uint64_t least, uint64_t most,
    uint64_t *n, struct err *err);
int tool_number_named(const char *option, const char *text, uint64_t least,
    uint64_t most, uint64_t *n, struct err *err);

#endif
