/*
 * describe: records about senders: exporters, samplers, names.
 *
 * Names come as arrays: elements of one size per record, whose fields are as
 * wide as the longest in it.
 *
 *   REC_IFNAME, REC_VRFNAME: type, size, u16 elements, u16 element size,
 *       u32 name width; element: u32 id, name with NUL, padding to 4
 *   REC_NBAR: type, size, u16 elements, u16 element size, u16 widths of id,
 *       name, description; element: these, padding to 4
 */
#include "nffile/internal.h"

#define NAMES_HEADER 12
#define APPS_HEADER  14

int
nffile_add_exporter(struct nffile_writer *w, const struct nffile_exporter *e,
    struct err *err)
{
	struct nffile_exporter rec = *e;
	rec.type = REC_EXPORTER;
	rec.size = sizeof(rec);
	return nffile_add_record(w, (const uint8_t *)&rec, err);
}

int
nffile_add_sampler(struct nffile_writer *w, const struct nffile_sampler *s,
    struct err *err)
{
	struct nffile_sampler rec = *s;
	rec.type = REC_SAMPLER;
	rec.size = sizeof(rec);
	return nffile_add_record(w, (const uint8_t *)&rec, err);
}

int
nffile_add_exporter_stats(struct nffile_writer *w,
    const struct nffile_exporter_stat *s, size_t n, struct err *err)
{
	/* A record's length is 16 bits; more exporters take more records. */
	static const size_t most = (RECORD_MAX - 8) / sizeof(*s);
	while (n > 0) {
		size_t k = n < most ? n : most;
		size_t len = 8 + k * sizeof(*s);
		uint8_t *to = writer_room(w, len, err);
		if (to == NULL)
			return -1;
		put16(to, REC_EXPORTER_STAT);
		put16(to + 2, (uint16_t)len);
		put32(to + 4, (uint32_t)k);
		memcpy(to + 8, s, k * sizeof(*s));
		writer_added(w, len);
		s += k;
		n -= k;
	}
	return 0;
}

/* ---- names ---------------------------------------------------------------- */

/* Length of the UTF-8 character at s, 0: it is none. */
static size_t
utf8_char(const unsigned char *s)
{
	static const struct {
		uint8_t mask, lead, len;
		uint32_t least;
	} forms[] = {
		{ 0x80, 0x00, 1, 1 },
		{ 0xe0, 0xc0, 2, 0x80 },
		{ 0xf0, 0xe0, 3, 0x800 },
		{ 0xf8, 0xf0, 4, 0x10000 },
	};
	for (size_t f = 0; f < sizeof(forms) / sizeof(forms[0]); f++) {
		if ((s[0] & forms[f].mask) != forms[f].lead)
			continue;
		uint32_t c = s[0] & (uint8_t)~forms[f].mask;
		for (size_t i = 1; i < forms[f].len; i++) {
			if ((s[i] & 0xc0) != 0x80)
				return 0; /* as is the NUL at the end */
			c = c << 6 | (s[i] & 0x3fU);
		}
		bool surrogate = c >= 0xd800 && c <= 0xdfff;
		return c < forms[f].least || c > 0x10ffff || surrogate
			   ? 0
			   : forms[f].len;
	}
	return 0;
}

static bool
name_ok(const char *s)
{
	size_t n = s != NULL ? strnlen(s, NFFILE_NAME_MAX + 1) : 0;
	if (n == 0 || n > NFFILE_NAME_MAX)
		return false;
	for (size_t at = 0, k; at < n; at += k)
		if ((k = utf8_char((const unsigned char *)s + at)) == 0)
			return false;
	return true;
}

static size_t
wider(size_t width, const char *s)
{
	size_t n = s != NULL ? strlen(s) + 1 : 1;
	return n > width ? n : width;
}

static size_t
padded(size_t n)
{
	return (n + 3) & ~(size_t)3;
}

/* The first n names, all of them good, as one record. */
static int
put_names(struct nffile_writer *w, enum nffile_record_type type,
    const struct nffile_name *names, size_t n, size_t width, struct err *err)
{
	size_t elem = padded(sizeof(uint32_t) + width);
	size_t len = NAMES_HEADER + n * elem;
	uint8_t *to = writer_room(w, len, err);
	if (to == NULL)
		return -1;
	memset(to, 0, len);
	put16(to, (uint16_t)type);
	put16(to + 2, (uint16_t)len);
	put16(to + 4, (uint16_t)n);
	put16(to + 6, (uint16_t)elem);
	put32(to + 8, (uint32_t)width);
	uint8_t *p = to + NAMES_HEADER;
	for (size_t i = 0; i < n; i++, p += elem) {
		put32(p, names[i].id);
		memcpy(p + 4, names[i].name, strlen(names[i].name));
	}
	writer_added(w, len);
	return 0;
}

int
nffile_add_names(struct nffile_writer *w, enum nffile_record_type type,
    const struct nffile_name *names, size_t n, struct err *err)
{
	for (size_t i = 0, k; i<n; i += k> 0 ? k : 1) {
		size_t width = 0;
		for (k = 0; i + k < n && name_ok(names[i + k].name); k++) {
			size_t more = wider(width, names[i + k].name);
			if (NAMES_HEADER + (k + 1) * padded(4 + more) >
			    RECORD_MAX)
				break;
			width = more;
		}
		if (k > 0 && put_names(w, type, names + i, k, width, err) == -1)
			return -1;
	}
	return 0;
}

struct app_width {
	size_t id, name, text;
};

static bool
app_ok(const struct nffile_app *a)
{
	return a->id_len > 0 && a->id_len <= NFFILE_APP_MAX &&
	       name_ok(a->name) &&
	       (a->description == NULL || a->description[0] == '\0' ||
		   name_ok(a->description));
}

static size_t
app_size(const struct app_width *s)
{
	return padded(s->id + s->name + s->text);
}

static int
put_apps(struct nffile_writer *w, const struct nffile_app *a, size_t n,
    const struct app_width *s, struct err *err)
{
	size_t elem = app_size(s);
	size_t len = APPS_HEADER + n * elem;
	uint8_t *to = writer_room(w, len, err);
	if (to == NULL)
		return -1;
	memset(to, 0, len);
	put16(to, REC_NBAR);
	put16(to + 2, (uint16_t)len);
	put16(to + 4, (uint16_t)n);
	put16(to + 6, (uint16_t)elem);
	put16(to + 8, (uint16_t)s->id);
	put16(to + 10, (uint16_t)s->name);
	put16(to + 12, (uint16_t)s->text);
	uint8_t *p = to + APPS_HEADER;
	for (; n > 0; n--, a++, p += elem) {
		memcpy(p, a->id, s->id);
		memcpy(p + s->id, a->name, strlen(a->name));
		if (a->description != NULL)
			memcpy(p + s->id + s->name, a->description,
			    strlen(a->description));
	}
	writer_added(w, len);
	return 0;
}

int
nffile_add_apps(struct nffile_writer *w, const struct nffile_app *a, size_t n,
    struct err *err)
{
	for (size_t i = 0, k; i<n; i += k> 0 ? k : 1) {
		struct app_width s = { .id = a[i].id_len };
		for (k = 0;
		     i + k < n && app_ok(&a[i + k]) && a[i + k].id_len == s.id;
		     k++) {
			struct app_width more = { s.id,
				wider(s.name, a[i + k].name),
				wider(s.text, a[i + k].description) };
			if (APPS_HEADER + (k + 1) * app_size(&more) >
			    RECORD_MAX)
				break;
			s = more;
		}
		if (k > 0 && put_apps(w, a + i, k, &s, err) == -1)
			return -1;
	}
	return 0;
}
