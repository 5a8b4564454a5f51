/*
 * exchange: a whole profile as one XML file: its definition, its channels
 * with their filters, and their databases as rrdtool dumps them.
 *
 *   <nfsen-profile version="1">
 *     <name>web</name> <group>.</group> <description>..</description>
 *     <type>2</type> <step>300</step>
 *     <tbegin> <tcreate> <tstart> <tend> <updated>   epoch seconds
 *     <expire>hours</expire> <maxsize>bytes</maxsize>
 *     <channel>
 *       <name>https</name> <sign>+</sign> <colour>#112233</colour>
 *       <order>1</order> <source>peer1</source>.. <filter>..</filter>
 *       <rrd>..</rrd>
 *     </channel>..
 *   </nfsen-profile>
 *
 * Flow files are not in it.  What is imported therefore begins to keep them
 * now: a continuous profile goes on at the running slot, a history that kept
 * files becomes a shadow.
 *
 * The definition's elements come before the first channel, and a channel's
 * before its <rrd>.
 */
#ifndef PROFILE_EXCHANGE_H
#define PROFILE_EXCHANGE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"
#include "conf/conf.h"
#include "profile/profile.h"

#define EXCHANGE_MAX      (UINT64_C(16) << 30) /* bytes of a file */
#define EXCHANGE_CHANNELS 1024
#define EXCHANGE_SOURCES  4096         /* of a channel */
#define EXCHANGE_FILTER   (256 * 1024) /* bytes; also of the description */

/*
 * Write a profile that is in the tree (not live: its sources are the
 * configuration's).  A missing database is an error.
 */
int exchange_export(const struct conf *c, const struct profile *p, FILE *out,
    struct err *err);

struct exchange_opts {
	const char *group, *name; /* instead of the file's; NULL: as it says */
	bool any_sources;         /* also sources that live does not have */
	int64_t now;
};

/*
 * Make the profile of a file, all of it or nothing: what is in the file is
 * written below hidden names, which become visible by a rename, profile.dat's
 * folder last.  Refused are names that are taken or not allowed, filters with
 * errors, unknown sources, another slot length, databases of another shape.
 * *id: who it is; points into `a`.
 */
int exchange_import(const struct conf *c, const char *xml,
    const struct exchange_opts *o, struct arena *a, struct profile_id *id,
    struct err *err);

/*
 * Read a file's text without making anything, for tests: NULL and err, or
 * the profile as it says.
 */
struct profile *exchange_parse(const void *data, size_t len, struct err *err);

#endif
