/*
 * mmdb: small databases in MaxMind's format, for tests
 * (https://maxmind.github.io/MaxMind-DB/, version 2.0).
 *
 * A database is a binary tree over the bits of an IPv6 address (IPv4 at
 * ::/96) with 24-bit records, 16 zero bytes, the data, and the metadata.
 */
#ifndef TESTS_UNIT_FILTER_MMDB_H
#define TESTS_UNIT_FILTER_MMDB_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/addr.h"
#include "base/buf.h"

#define MMDB_NODES 20000
#define MMDB_NONE  UINT32_MAX
#define MMDB_DATA  0x80000000u /* a record that leads to data, with offset */

/* What a database is about: one or both. */
#define MMDB_WITH_COUNTRY 1
#define MMDB_WITH_AS      2

struct mmdb {
	uint32_t node[MMDB_NODES][2]; /* node number, MMDB_NONE or MMDB_DATA */
	uint32_t nodes;
	unsigned with;
	struct buf data;
};

static inline void
mmdb_init(struct mmdb *m, unsigned with)
{
	memset(m, 0, sizeof(*m));
	m->node[0][0] = m->node[0][1] = MMDB_NONE;
	m->nodes = 1;
	m->with = with;
}

/* ---- values: type in the upper three bits, or 0 and type - 7 behind -------- */

static inline void
mmdb_text(struct buf *b, const char *s)
{
	size_t n = strlen(s);
	buf_addc(b, (char)(2 << 5 | (n < 29 ? n : 29)));
	if (n >= 29)
		buf_addc(b, (char)(n - 29));
	buf_adds(b, s);
}

static inline void
mmdb_map(struct buf *b, unsigned n)
{
	buf_addc(b, (char)(7 << 5 | n));
}

static inline void
mmdb_number(struct buf *b, unsigned type, unsigned bytes, uint64_t v)
{
	buf_addc(b, (char)((type <= 7 ? type << 5 : 0) | bytes));
	if (type > 7)
		buf_addc(b, (char)(type - 7));
	for (unsigned i = bytes; i-- > 0;)
		buf_addc(b, (char)(v >> (8 * i)));
}

#define MMDB_U16   5
#define MMDB_U32   6
#define MMDB_U64   9
#define MMDB_ARRAY 11

/* ---- the tree ---------------------------------------------------------------- */

static inline bool
mmdb_bit(const struct prefix *p, unsigned i)
{
	uint64_t word = i < 64 ? p->addr.hi : p->addr.lo;
	return (word >> (63 - i % 64) & 1) != 0;
}

/* A network; code "" or as 0 leaves that out. Wider networks come first. */
static inline bool
mmdb_add(struct mmdb *m, const struct prefix *p, const char *code, uint32_t as)
{
	unsigned len = p->len + (p->addr.family == ADDR_V4 ? 96u : 0u);
	bool country = (m->with & MMDB_WITH_COUNTRY) != 0 && *code != '\0';
	bool number = (m->with & MMDB_WITH_AS) != 0 && as != 0;
	uint32_t at = 0, value = MMDB_DATA | (uint32_t)m->data.len;
	for (unsigned i = 0; i + 1 < len; i++) {
		uint32_t *next = &m->node[at][mmdb_bit(p, i)];
		if (*next == MMDB_NONE || (*next & MMDB_DATA) != 0) {
			if (m->nodes == MMDB_NODES)
				return false;
			/* what was there holds for both halves */
			m->node[m->nodes][0] = m->node[m->nodes][1] = *next;
			*next = m->nodes++;
		}
		at = *next;
	}
	m->node[at][mmdb_bit(p, len - 1)] = value;
	mmdb_map(&m->data, (country ? 1u : 0u) + (number ? 1u : 0u));
	if (country) {
		mmdb_text(&m->data, "country");
		mmdb_map(&m->data, 1);
		mmdb_text(&m->data, "iso_code");
		mmdb_text(&m->data, code);
	}
	if (number) {
		mmdb_text(&m->data, "autonomous_system_number");
		mmdb_number(&m->data, MMDB_U32, 4, as);
	}
	return true;
}

/* ---- the file ------------------------------------------------------------------ */

static inline void
mmdb_metadata(const struct mmdb *m, struct buf *b)
{
	static const char *const type[] = { "", "Test-Country", "Test-ASN",
		"Test" };
	buf_adds(b, "\xab\xcd\xefMaxMind.com");
	mmdb_map(b, 9);
	mmdb_text(b, "binary_format_major_version");
	mmdb_number(b, MMDB_U16, 2, 2);
	mmdb_text(b, "binary_format_minor_version");
	mmdb_number(b, MMDB_U16, 2, 0);
	mmdb_text(b, "build_epoch");
	mmdb_number(b, MMDB_U64, 8, 1700000000);
	mmdb_text(b, "database_type");
	mmdb_text(b, type[m->with & 3]);
	mmdb_text(b, "description");
	mmdb_map(b, 0);
	mmdb_text(b, "ip_version");
	mmdb_number(b, MMDB_U16, 2, 6);
	mmdb_text(b, "languages");
	mmdb_number(b, MMDB_ARRAY, 0, 0);
	mmdb_text(b, "node_count");
	mmdb_number(b, MMDB_U32, 4, m->nodes);
	mmdb_text(b, "record_size");
	mmdb_number(b, MMDB_U16, 2, 24);
}

static inline uint32_t
mmdb_record(const struct mmdb *m, uint32_t v)
{
	if (v == MMDB_NONE)
		return m->nodes;
	return (v & MMDB_DATA) != 0 ? m->nodes + 16 + (v & ~MMDB_DATA) : v;
}

static inline bool
mmdb_write(struct mmdb *m, const char *path)
{
	struct buf b = BUF_EMPTY;
	for (uint32_t i = 0; i < m->nodes; i++)
		for (unsigned k = 0; k < 2; k++)
			for (int s = 16; s >= 0; s -= 8)
				buf_addc(&b,
				    (char)(mmdb_record(m, m->node[i][k]) >> s));
	for (int i = 0; i < 16; i++)
		buf_addc(&b, '\0');
	if (m->data.len != 0)
		buf_add(&b, m->data.data, m->data.len);
	mmdb_metadata(m, &b);
	FILE *f = fopen(path, "wb");
	bool ok = f != NULL && fwrite(b.data, 1, b.len, f) == b.len;
	if (f != NULL)
		ok = fclose(f) == 0 && ok;
	buf_free(&b);
	buf_free(&m->data);
	return ok;
}

#endif
