/* senders: what a file says of those who sent its flows, read. */
#include "base/be.h"
#include "nffile/internal.h"

#define EXPORTER_LEN  32
#define SAMPLER_LEN   24
#define SAMPLER_9_LEN 16
#define STATS_HEADER  8
#define STAT_LEN      sizeof(struct nffile_exporter_stat)
#define NAMES_HEADER  12
#define APPS_HEADER   14
#define APP_LENGTHS   6 /* three u16 in front of what they are the lengths of */

#define FAMILY_4 2 /* Linux' numbers, whatever the machine's are */
#define FAMILY_6 10

bool
nffile_record_exporter(const uint8_t *rec, struct nffile_exporter *e)
{
	if (get16(rec) != REC_EXPORTER || get16(rec + 2) < EXPORTER_LEN)
		return false;
	memcpy(e, rec, sizeof(*e));
	if (e->family != 0)
		return true;
	/* 1.7.8's form: an IPv6 address as on the wire, mapped for IPv4. */
	e->ip[0] = be64(rec + 8);
	e->ip[1] = be64(rec + 16);
	e->family = FAMILY_6;
	if (e->ip[0] == 0 && e->ip[1] >> 32 == 0xffff) {
		e->ip[1] &= UINT32_MAX;
		e->family = FAMILY_4;
	}
	return true;
}

bool
nffile_record_sampler(const uint8_t *rec, struct nffile_sampler *s)
{
	uint16_t type = get16(rec), size = get16(rec + 2);
	if (type == REC_SAMPLER && size >= SAMPLER_LEN) {
		memcpy(s, rec, sizeof(*s));
		return true;
	}
	if (type != REC_SAMPLER_OLD || size < SAMPLER_9_LEN)
		return false;
	uint32_t interval = get32(rec + 8);
	*s = (struct nffile_sampler){ .type = REC_SAMPLER,
		.size = SAMPLER_LEN,
		.sysid = get16(rec + 14),
		.method = get16(rec + 12),
		.id = (int32_t)get32(rec + 4),
		.packets = 1,
		.space = interval > 0 ? interval - 1 : 0 };
	return true;
}

bool
nffile_record_exporter_stat(const uint8_t *rec, size_t i,
    struct nffile_exporter_stat *s)
{
	size_t size = get16(rec + 2);
	if (get16(rec) != REC_EXPORTER_STAT || size < STATS_HEADER ||
	    i >= get32(rec + 4) || i >= (size - STATS_HEADER) / STAT_LEN)
		return false;
	memcpy(s, rec + STATS_HEADER + i * STAT_LEN, sizeof(*s));
	return true;
}

/* ---- names --------------------------------------------------------------------- */

void
nffile_list_begin(const uint8_t *rec, struct nffile_list *l)
{
	size_t size = get16(rec + 2), head = NAMES_HEADER;
	*l = (struct nffile_list){ .type = get16(rec), .end = rec + size };
	if (size < 8)
		return;
	l->left = get16(rec + 4);
	l->elem = get16(rec + 6);
	if (l->type == REC_NBAR)
		head = l->elem != 0 ? APPS_HEADER : 8;
	else if (l->type != REC_IFNAME && l->type != REC_VRFNAME)
		l->left = 0;
	if (size < head) {
		l->left = 0;
		return;
	}
	l->p = rec + head;
	if (l->type != REC_NBAR)
		l->width[0] = get32(rec + 8);
	else if (l->elem != 0)
		for (int i = 0; i < 3; i++)
			l->width[i] = get16(rec + 8 + 2 * i);
}

/* The next element, `n` bytes; NULL: the record does not hold it. */
static const uint8_t *
take(struct nffile_list *l, size_t n)
{
	const uint8_t *p = l->p;
	if (l->left == 0 || n == 0 || n > (size_t)(l->end - p)) {
		l->left = 0;
		return NULL;
	}
	l->p += n;
	return p;
}

/* A text that ends within its n bytes; NULL: it does not. */
static const char *
text(const uint8_t *p, size_t n)
{
	return n != 0 && memchr(p, '\0', n) != NULL ? (const char *)p : NULL;
}

bool
nffile_list_name(struct nffile_list *l, struct nffile_name *name)
{
	const uint8_t *p;
	while (l->type != REC_NBAR && (p = take(l, l->elem)) != NULL) {
		l->left--;
		if (l->elem < 4 || l->width[0] > (uint32_t)l->elem - 4)
			continue;
		name->id = get32(p);
		name->name = text(p + 4, l->width[0]);
		if (name->name != NULL)
			return true;
	}
	return false;
}

/* An element with lengths of its own. */
static const uint8_t *
take_own(struct nffile_list *l)
{
	const uint8_t *p = take(l, APP_LENGTHS);
	if (p == NULL)
		return NULL;
	for (int i = 0; i < 3; i++)
		l->width[i] = get16(p + 2 * i);
	return take(l, (size_t)l->width[0] + l->width[1] + l->width[2]);
}

bool
nffile_list_app(struct nffile_list *l, struct nffile_app *app)
{
	const uint8_t *p;
	while (l->type == REC_NBAR &&
	       (p = l->elem != 0 ? take(l, l->elem) : take_own(l)) != NULL) {
		size_t id = l->width[0], name = l->width[1];
		l->left--;
		if (l->elem != 0 && id + name + l->width[2] > l->elem)
			continue;
		*app = (struct nffile_app){ .id = p,
			.id_len = id,
			.name = text(p + id, name),
			.description = text(p + id + name, l->width[2]) };
		if (app->name != NULL && id != 0)
			return true;
	}
	return false;
}
