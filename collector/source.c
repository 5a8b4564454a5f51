#include "collector/source.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "collector/tally.h"

void
sources_init(struct sources *ss)
{
	*ss = (struct sources){ .n_buckets = 64, .budget = { DECODE_BUDGET } };
	ss->buckets = mem_calloc(ss->n_buckets, sizeof(*ss->buckets));
	ss->limits = (struct sources_limits)SOURCES_LIMITS;
	waiting_init(&ss->waiting, WAITING_MAX, WAITING_EXPORTER);
}

void
sources_limit(struct sources *ss, const struct sources_limits *limits)
{
	ss->limits = *limits;
	waiting_limit(&ss->waiting, limits->waiting, limits->waiting / 2);
}

void
sources_free(struct sources *ss)
{
	while (ss->first != NULL)
		source_remove(ss, ss->first);
	free(ss->buckets);
	*ss = (struct sources){ 0 };
}

struct source *
source_find(const struct sources *ss, const char *ident)
{
	for (struct source *s = ss->first; s != NULL; s = s->next)
		if (strcmp(s->spec.ident, ident) == 0)
			return s;
	return NULL;
}

struct source *
source_add(struct sources *ss, const struct flowfile_spec *spec, uint16_t port)
{
	struct source *s = mem_calloc(1, sizeof(*s));
	s->spec = *spec;
	s->port = port;
	nffile_collect_init(&s->block, CREATOR_NFCAPD);
	struct source **at = &ss->first;
	while (*at != NULL && strcmp((*at)->spec.ident, spec->ident) < 0)
		at = &(*at)->next;
	s->next = *at;
	*at = s;
	return s;
}

void
source_set_ips(struct source *s, const struct prefix *ips, size_t n,
    bool only_ips)
{
	free(s->ips);
	s->ips = NULL;
	s->n_ips = n;
	s->only_ips = only_ips;
	if (n == 0)
		return;
	s->ips = mem_calloc(n, sizeof(*s->ips));
	memcpy(s->ips, ips, n * sizeof(*s->ips));
}

/* Bits of the longest prefix of s that has the address; -1: none. */
static int
match(const struct source *s, const struct addr *from)
{
	int best = -1;
	for (size_t i = 0; i < s->n_ips; i++)
		if (s->ips[i].len > best && prefix_has(&s->ips[i], from))
			best = s->ips[i].len;
	return best;
}

struct source *
source_of(const struct sources *ss, uint16_t port, const struct addr *from)
{
	struct source *found = NULL, *only = NULL, *dynamic = NULL;
	int best = -1;
	size_t n = 0;
	for (struct source *s = ss->first; s != NULL; s = s->next) {
		if (s->port != port)
			continue;
		if (s->dynamic != 0) {
			dynamic = s;
			continue;
		}
		int bits = match(s, from);
		if (bits > best) {
			best = bits;
			found = s;
		}
		only = s;
		n++;
	}
	if (found != NULL || dynamic != NULL)
		return found != NULL ? found : dynamic;
	return n == 1 && !only->only_ips ? only : NULL;
}

/* ---- senders -------------------------------------------------------------- */

static size_t
bucket_of(const struct sources *ss, uint16_t port, const struct addr *ip,
    const struct decode_head *h)
{
	uint64_t a = hash_mix(ip->hi ^ hash_seed(), ip->lo ^ ip->family);
	uint64_t b = (uint64_t)h->id << 32 | (uint64_t)h->version << 16 | port;
	uint64_t c = hash_mix(h->agent.hi, h->agent.lo);
	return (size_t)hash_mix(a ^ c, b) & (ss->n_buckets - 1);
}

static struct decode_head
head_of(const struct exporter *e)
{
	return (struct decode_head){ .version = e->version,
		.id = e->id,
		.agent = e->agent };
}

static void
grow(struct sources *ss)
{
	struct sender **old = ss->buckets;
	size_t n = ss->n_buckets;
	ss->n_buckets = n * 4;
	ss->buckets = mem_calloc(ss->n_buckets, sizeof(*ss->buckets));
	for (size_t i = 0; i < n; i++)
		for (struct sender *x = old[i], *next; x != NULL; x = next) {
			struct decode_head h = head_of(&x->e);
			size_t b = bucket_of(ss, x->port, &x->e.ip, &h);
			next = x->next;
			x->next = ss->buckets[b];
			ss->buckets[b] = x;
		}
	free(old);
}

static struct sender *
sender_add(struct sources *ss, struct source *s, const struct addr *from,
    const struct decode_head *h)
{
	if (ss->n_senders == ss->n_buckets)
		grow(ss);
	struct sender *x = mem_calloc(1, sizeof(*x));
	exporter_init(&x->e, from, h);
	x->e.budget = &ss->budget;
	x->e.opts = &s->opts;
	x->e.store = &ss->waiting;
	x->source = s;
	x->port = s->port;
	/* 65535 fit into a record; the rest shares 0, as nfcapd has it. */
	if (s->last_sysid < UINT16_MAX)
		x->e.sysid = (uint16_t)++s->last_sysid;
	struct sender **b = &ss->buckets[bucket_of(ss, s->port, from, h)];
	x->next = *b;
	*b = x;
	x->next_sibling = s->senders;
	x->sibling_at = &s->senders;
	if (s->senders != NULL)
		s->senders->sibling_at = &x->next_sibling;
	s->senders = x;
	s->n_senders++;
	ss->n_senders++;
	return x;
}

/* Whose this is: one of the same session, else whose session has ended. */
static struct sender *
find_known(const struct sources *ss, const struct ring_head *r,
    const struct decode_head *h)
{
	struct sender *ended = NULL;
	struct sender *x = ss->buckets[bucket_of(ss, r->port, &r->from, h)];
	for (; x != NULL; x = x->next) {
		if (!decode_head_is(h, &x->e) || x->port != r->port ||
		    !addr_eq(&x->e.ip, &r->from))
			continue;
		if (session_has(x, r->session))
			return x;
		if (session_ended(x))
			ended = x;
	}
	return r->session != 0 ? ended : NULL;
}

struct sender *
sender_find(struct sources *ss, const struct ring_head *r, const uint8_t *data,
    struct source **source)
{
	struct decode_head h;
	bool known = decode_peek(data, r->len, &h);
	struct sender *x = known ? find_known(ss, r, &h) : NULL;
	*source = x != NULL ? x->source : source_of(ss, r->port, &r->from);
	/* Not for what any stray datagram says. */
	if (known && x == NULL && *source != NULL && (*source)->dynamic != 0)
		*source = ss->grow(ss->grow_ctx, *source, &r->from);
	if (x == NULL && *source != NULL && known &&
	    ss->n_senders < ss->limits.exporters) {
		x = sender_add(ss, *source, &r->from, &h);
		/* Over TCP all is told again in each session. */
		if (ss->keep != NULL && r->session == 0)
			keep_restore(ss->keep, r->port, &x->e);
	}
	if (x != NULL && !session_has(x, r->session))
		session_join(ss, x, r->session);
	return x;
}

struct sender *
sender_restore(struct sources *ss, const struct state_record *r)
{
	struct state_who who;
	state_record_who(r, &who);
	struct source *s = source_of(ss, who.port, &who.ip);
	if (s != NULL && s->dynamic != 0)
		s = ss->grow(ss->grow_ctx, s, &who.ip);
	if (s == NULL || ss->n_senders >= ss->limits.exporters)
		return NULL;
	struct sender *x = sender_add(ss, s, &who.ip, &who.head);
	/* What the file has of it is as new. */
	if (ss->keep != NULL && who.session == 0)
		keep_restore(ss->keep, who.port, &x->e);
	state_restore(r, &x->e);
	session_join(ss, x, who.session);
	return x;
}

static void
sender_drop(struct sources *ss, struct sender *x)
{
	struct decode_head h = head_of(&x->e);
	session_leave(ss, x);
	struct sender **at = &ss->buckets[bucket_of(ss, x->port, &x->e.ip, &h)];
	while (*at != x)
		at = &(*at)->next;
	*at = x->next;
	*x->sibling_at = x->next_sibling;
	if (x->next_sibling != NULL)
		x->next_sibling->sibling_at = x->sibling_at;
	tally_keep(x->source, x);
	traffic_forget(&ss->traffic, x);
	x->source->n_senders--;
	ss->n_senders--;
	exporter_free(&x->e);
	free(x);
}

void
senders_expire(struct sources *ss, uint64_t now_ms)
{
	const struct sources_limits *max = &ss->limits;
	bool many = ss->n_senders >= (max->exporters + 1) / 2 ||
		    ss->budget.left < DECODE_BUDGET / 2;
	int64_t idle_ms = many && max->exporter_idle_ms > SENDERS_IDLE_MS
			      ? SENDERS_IDLE_MS
			      : max->exporter_idle_ms;
	uint64_t life_ms = (uint64_t)max->template_idle_ms;
	for (struct source *s = ss->first; s != NULL; s = s->next)
		for (struct sender *x = s->senders, *next; x != NULL;
		     x = next) {
			next = x->next_sibling;
			if (x->e.last_seen_ms + idle_ms < (int64_t)now_ms)
				sender_drop(ss, x);
			else if (!x->stream && now_ms > life_ms)
				exporter_expire(&x->e, now_ms - life_ms);
		}
}

void
senders_recheck(struct sources *ss)
{
	for (struct source *s = ss->first; s != NULL; s = s->next)
		for (struct sender *x = s->senders, *next; x != NULL;
		     x = next) {
			next = x->next_sibling;
			if (source_of(ss, x->port, &x->e.ip) != s)
				sender_drop(ss, x);
		}
}

void
source_give_up(struct source *s)
{
	for (struct sender *x = s->senders; x != NULL; x = x->next_sibling)
		waiting_drop(&x->e);
}

void
source_remove(struct sources *ss, struct source *s)
{
	while (s->senders != NULL)
		sender_drop(ss, s->senders);
	struct source **at = &ss->first;
	while (*at != s)
		at = &(*at)->next;
	*at = s->next;
	if (s->parent != NULL)
		s->parent->n_dynamic--;
	for (struct source *x = ss->first; s->n_dynamic > 0 && x != NULL;
	     x = x->next)
		if (x->parent == s) {
			x->parent = NULL;
			s->n_dynamic--;
		}
	nffile_writer_abandon(&s->block);
	free(s->ips);
	free(s);
}
