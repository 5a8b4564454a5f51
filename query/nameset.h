/*
 * nameset: what flow files call the interfaces, VRFs and applications that
 * their flows name by number.
 *
 * They are read before the flows are, and only for formats that show them:
 * a file may say a name behind the first flow that has the number.
 */
#ifndef QUERY_NAMESET_H
#define QUERY_NAMESET_H

#include <stdint.h>

#include "base/arena.h"
#include "flow/flow.h"
#include "nffile/tree.h"

struct nameset;

/* In the arena.  What cannot be read is left out, the scan complains of it. */
struct nameset *nameset_read(const struct tree_list *files, struct arena *a);

/* NULL: no such name; *any: there are names of other interfaces, VRFs. */
const char *nameset_interface(const struct nameset *n, uint32_t id, bool *any);
const char *nameset_vrf(const struct nameset *n, uint32_t id, bool *any);

/* "name/description" of an application, NULL: not known. */
const char *nameset_app(const struct nameset *n, const struct flow_bytes *id);

#endif
