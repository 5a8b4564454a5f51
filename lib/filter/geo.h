/*
 * geo: country and AS of an address, from MaxMind databases (files of the
 * MaxMind DB format, version 2: GeoLite2 and GeoIP2 Country, City, ASN, and
 * others with the same names in them).  geo.c owns libmaxminddb.
 *
 * The files are mapped once.  A struct geo is read only and shared by all
 * threads; it is counted, and freed with the last filter or set that uses
 * it.  nfdump's own geo database is another format and refused by name.
 *
 * A struct geo_cache is one thread's, remembers what was looked up, and is
 * what bulk work goes through: the tree walk of a new address costs some
 * hundred nanoseconds, a remembered one two or three.
 */
#ifndef FILTER_GEO_H
#define FILTER_GEO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/arena.h"
#include "base/err.h"
#include "flow/batch.h"

/* Two capital letters as a number; 0: unknown. */
#define GEO_CODE(a, b) ((uint16_t)((a) << 8 | (b)))

#define GEO_FILES_MAX 4

struct geo;

/*
 * Open the n files; which has countries and which AS numbers they say
 * themselves, the first that knows an address wins.  NULL: err names the
 * file and why.
 */
struct geo *geo_open(const char *const *path, size_t n, struct err *err);

/* The same from "FILE[:FILE..]". */
struct geo *geo_open_list(const char *list, struct err *err);

struct geo *geo_hold(struct geo *g);
void geo_free(struct geo *g); /* one holder less; NULL is fine */

bool geo_has_country(const struct geo *g);
bool geo_has_as(const struct geo *g);

/* 0: unknown. */
uint16_t geo_country(const struct geo *g, const struct addr *a);
uint32_t geo_as(const struct geo *g, const struct addr *a);

/* ---- bulk ------------------------------------------------------------------- */

struct geo_cache;

/* Lives in the arena; g has to outlive it. */
struct geo_cache *geo_cache_new(struct arena *a, const struct geo *g);

/*
 * Of each row's source (destination): its country; its AS, where the row's
 * own is 0.  Reads COL_ADDR, and COL_AS.
 */
void geo_rows_country(struct geo_cache *c, const struct batch *b, bool dst,
    uint64_t *out);
void geo_rows_as(struct geo_cache *c, const struct batch *b, bool dst,
    uint64_t *out);

#endif
