/*
 * work_lookup: a worker that tells whose an address is, as a piece of a page:
 * its name from the resolver and, when there is a whois server to ask, what
 * that says.  Everything that came from outside is made harmless for HTML.
 */
#ifndef PROFILER_WORK_LOOKUP_H
#define PROFILER_WORK_LOOKUP_H

#include <stdbool.h>
#include <stddef.h>

/* ADDRESS [WHOIS SERVER] */
#define WORK_LOOKUP "lookup"
int work_lookup(int argc, char **argv);

/*
 * The address of "ip", "ip:port" or, for IPv6, "ip.port", into buf (of
 * LOOKUP_MAX); false: none.
 */
#define LOOKUP_MAX 64
bool lookup_address(const char *text, char *buf);

#endif
