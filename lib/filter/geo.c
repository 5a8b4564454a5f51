#include "filter/geo.h"

#include <errno.h>
#include <maxminddb.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"

struct file {
	MMDB_s db;
	bool country;
	bool as;
};

struct geo {
	atomic_uint refs;
	size_t n;
	struct file file[GEO_FILES_MAX];
};

/* ---- opening ---------------------------------------------------------------------- */

/* nfdump's flow files and databases begin with this. */
static bool
is_nfdump(const char *path)
{
	FILE *f = fopen(path, "rb");
	uint8_t magic[2] = { 0 };
	if (f == NULL)
		return false;
	bool yes = fread(magic, 1, sizeof(magic), f) == sizeof(magic) &&
		   ((magic[0] == 0x0c && magic[1] == 0xa5) ||
		       (magic[0] == 0xa5 && magic[1] == 0x0c));
	(void)fclose(f);
	return yes;
}

static int
open_failed(const char *path, int code, int errnum, struct err *err)
{
	bool empty = errnum == EINVAL; /* cannot be mapped */
	if (!empty && (code == MMDB_FILE_OPEN_ERROR || code == MMDB_IO_ERROR))
		return err_set(err, "%s: %s", path, strerror(errnum));
	if (is_nfdump(path))
		return err_set(err,
		    "%s: a file of nfdump's; geo databases have to be "
		    "MaxMind's (.mmdb)",
		    path);
	return err_set(err, "%s: no MaxMind database: %s", path,
	    MMDB_strerror(code));
}

static bool
type_has(const MMDB_s *db, const char *word)
{
	return strstr(db->metadata.database_type, word) != NULL;
}

static int
open_file(struct file *f, const char *path, struct err *err)
{
	errno = 0;
	int code = MMDB_open(path, MMDB_MODE_MMAP, &f->db);
	if (code != MMDB_SUCCESS)
		return open_failed(path, code, errno, err);
	/* Enterprise and what others call theirs may have both. */
	bool as = type_has(&f->db, "ASN") || type_has(&f->db, "ISP");
	bool country = type_has(&f->db, "Country") || type_has(&f->db, "City");
	f->as = as || !country;
	f->country = country || !as;
	return 0;
}

struct geo *
geo_open(const char *const *path, size_t n, struct err *err)
{
	if (n == 0 || n > GEO_FILES_MAX) {
		(void)err_set(err, "%zu geo databases, 1 to %d are possible", n,
		    GEO_FILES_MAX);
		return NULL;
	}
	struct geo *g = mem_calloc(1, sizeof(*g));
	atomic_init(&g->refs, 1);
	for (; g->n < n; g->n++) {
		if (open_file(&g->file[g->n], path[g->n], err) == -1) {
			geo_free(g);
			return NULL;
		}
	}
	return g;
}

struct geo *
geo_open_list(const char *list, struct err *err)
{
	const char *path[GEO_FILES_MAX + 1];
	size_t n = 0;
	char *copy = mem_strdup(list), *save = NULL;
	for (char *p = strtok_r(copy, ":", &save);
	     p != NULL && n <= GEO_FILES_MAX; p = strtok_r(NULL, ":", &save))
		path[n++] = p;
	struct geo *g = geo_open(path, n, err);
	free(copy);
	return g;
}

struct geo *
geo_hold(struct geo *g)
{
	(void)atomic_fetch_add(&g->refs, 1);
	return g;
}

void
geo_free(struct geo *g)
{
	if (g == NULL || atomic_fetch_sub(&g->refs, 1) != 1)
		return;
	for (size_t i = 0; i < g->n; i++)
		MMDB_close(&g->file[i].db);
	free(g);
}

bool
geo_has_country(const struct geo *g)
{
	for (size_t i = 0; i < g->n; i++)
		if (g->file[i].country)
			return true;
	return false;
}

bool
geo_has_as(const struct geo *g)
{
	for (size_t i = 0; i < g->n; i++)
		if (g->file[i].as)
			return true;
	return false;
}

/* ---- looking up --------------------------------------------------------------------- */

static bool
find(const struct file *f, const struct addr *a, MMDB_entry_s *entry)
{
	struct sockaddr_storage ss;
	int code = MMDB_SUCCESS;
	if (f->db.metadata.ip_version == 4 && a->family != ADDR_V4)
		return false;
	(void)addr_to_sockaddr(a, 0, &ss);
	MMDB_lookup_result_s r =
	    MMDB_lookup_sockaddr(&f->db, (const struct sockaddr *)&ss, &code);
	*entry = r.entry;
	return code == MMDB_SUCCESS && r.found_entry;
}

static bool
upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

static uint16_t
code_at(MMDB_entry_s *entry, const char *map)
{
	const char *const way[] = { map, "iso_code", NULL };
	MMDB_entry_data_s d;
	if (MMDB_aget_value(entry, &d, way) != MMDB_SUCCESS || !d.has_data ||
	    d.type != MMDB_DATA_TYPE_UTF8_STRING || d.data_size != 2 ||
	    !upper(d.utf8_string[0]) || !upper(d.utf8_string[1]))
		return 0;
	return GEO_CODE(d.utf8_string[0], d.utf8_string[1]);
}

/* Where no country is given, that of whom the network is registered to. */
static uint32_t
entry_country(MMDB_entry_s *entry)
{
	uint16_t code = code_at(entry, "country");
	return code != 0 ? code : code_at(entry, "registered_country");
}

static uint32_t
entry_as(MMDB_entry_s *entry)
{
	static const char *const way[] = { "autonomous_system_number", NULL };
	MMDB_entry_data_s d;
	if (MMDB_aget_value(entry, &d, way) != MMDB_SUCCESS || !d.has_data)
		return 0;
	if (d.type == MMDB_DATA_TYPE_UINT32)
		return d.uint32;
	return d.type == MMDB_DATA_TYPE_UINT16 ? d.uint16 : 0;
}

enum what { COUNTRY, AS };

/* Values by their place in the file: thousands of networks share one. */
#define PLACES 4096

struct place {
	uint32_t offset; /* + 1; 0: free */
	uint32_t value;
};

static uint32_t
value_at(enum what what, MMDB_entry_s *entry, struct place *places)
{
	struct place *p = NULL;
	if (places != NULL && entry->offset != UINT32_MAX) {
		p = &places[hash_mix(entry->offset, what) % PLACES];
		if (p->offset == entry->offset + 1)
			return p->value;
	}
	uint32_t v = what == AS ? entry_as(entry) : entry_country(entry);
	if (p != NULL)
		*p = (struct place){ entry->offset + 1, v };
	return v;
}

/* places: one array of PLACES for each file, or NULL. */
static uint32_t
look_up(const struct geo *g, enum what what, const struct addr *a,
    struct place *places)
{
	for (size_t i = 0; i < g->n; i++) {
		const struct file *f = &g->file[i];
		MMDB_entry_s entry;
		if (!(what == AS ? f->as : f->country) || !find(f, a, &entry))
			continue;
		uint32_t v = value_at(what, &entry,
		    places != NULL ? places + i * PLACES : NULL);
		if (v != 0)
			return v;
	}
	return 0;
}

uint16_t
geo_country(const struct geo *g, const struct addr *a)
{
	return (uint16_t)look_up(g, COUNTRY, a, NULL);
}

uint32_t
geo_as(const struct geo *g, const struct addr *a)
{
	return look_up(g, AS, a, NULL);
}

/* ---- bulk --------------------------------------------------------------------------- */

/*
 * Direct mapped.  Every slot holds an address and its true value from the
 * start (that of address 0), so that none has to be marked empty.
 */
#define SLOTS4 65536
#define SLOTS6 16384

struct slot4 {
	uint32_t addr;
	uint32_t value;
};

struct slot6 {
	uint64_t hi;
	uint64_t lo;
	uint32_t value;
};

struct table {
	struct slot4 four[SLOTS4];
	struct slot6 six[SLOTS6];
};

struct geo_cache {
	const struct geo *geo;
	struct arena *arena;
	struct table *table[2]; /* by what, made when asked for */
	struct place *places[2];
};

struct geo_cache *
geo_cache_new(struct arena *a, const struct geo *g)
{
	struct geo_cache *c = arena_alloc(a, sizeof(*c));
	c->geo = g;
	c->arena = a;
	return c;
}

static struct table *
table(struct geo_cache *c, enum what what)
{
	if (c->table[what] != NULL)
		return c->table[what];
	struct table *t = arena_alloc(c->arena, sizeof(*t));
	struct addr zero4 = addr_v4(0), zero6 = addr_v6(0, 0);
	uint32_t v4 = look_up(c->geo, what, &zero4, NULL);
	uint32_t v6 = look_up(c->geo, what, &zero6, NULL);
	for (size_t i = 0; i < SLOTS4; i++)
		t->four[i].value = v4;
	for (size_t i = 0; i < SLOTS6; i++)
		t->six[i].value = v6;
	c->places[what] =
	    arena_array(c->arena, PLACES * c->geo->n, sizeof(struct place));
	return c->table[what] = t;
}

static uint32_t
cached4(struct geo_cache *c, struct table *t, enum what what, uint32_t addr)
{
	/* Fibonacci hashing: neighbours land apart. */
	struct slot4 *s = &t->four[addr * UINT32_C(2654435769) >> 16];
	if (s->addr != addr) {
		struct addr a = addr_v4(addr);
		s->value = look_up(c->geo, what, &a, c->places[what]);
		s->addr = addr;
	}
	return s->value;
}

static uint32_t
cached6(struct geo_cache *c, struct table *t, enum what what, uint64_t hi,
    uint64_t lo)
{
	struct slot6 *s = &t->six[hash_mix(hi, lo) % SLOTS6];
	if (s->hi != hi || s->lo != lo) {
		struct addr a = addr_v6(hi, lo);
		s->value = look_up(c->geo, what, &a, c->places[what]);
		s->hi = hi;
		s->lo = lo;
	}
	return s->value;
}

static bool
bit(const uint64_t *bits, size_t i)
{
	return (bits[i / 64] >> (i % 64) & 1) != 0;
}

static uint32_t
row(struct geo_cache *c, struct table *t, enum what what, const struct batch *b,
    size_t i, bool dst)
{
	if (bit(b->present[FE_IPV4], i))
		return cached4(c, t, what, dst ? b->dst4[i] : b->src4[i]);
	if (bit(b->present[FE_IPV6], i))
		return cached6(c, t, what, dst ? b->dst6hi[i] : b->src6hi[i],
		    dst ? b->dst6lo[i] : b->src6lo[i]);
	return 0;
}

void
geo_rows_country(struct geo_cache *c, const struct batch *b, bool dst,
    uint64_t *out)
{
	struct table *t = table(c, COUNTRY);
	for (size_t i = 0; i < b->rows; i++)
		out[i] = row(c, t, COUNTRY, b, i, dst);
}

void
geo_rows_as(struct geo_cache *c, const struct batch *b, bool dst, uint64_t *out)
{
	struct table *t = table(c, AS);
	const uint32_t *own = dst ? b->dst_as : b->src_as;
	for (size_t i = 0; i < b->rows; i++)
		out[i] = own[i] != 0 ? own[i] : row(c, t, AS, b, i, dst);
}
