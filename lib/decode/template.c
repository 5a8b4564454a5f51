#include "decode/template.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* Open addressing by id; at most half full. */
struct template_set {
	size_t n;
	size_t cap; /* power of two */
	struct template **slot;
	struct budget *budget; /* shared with other sets, or NULL */
};

/*
 * A set has at most 4 slots for each template, 8 at first; while it grows
 * half as many again.  The first template pays for the set.
 */
#define MALLOC_OVERHEAD 16
#define SHARE           (4 * sizeof(struct template *))
#define SET_COST                                                               \
	(sizeof(struct template_set) + 8 * sizeof(struct template *) +         \
	    2 * MALLOC_OVERHEAD)

#define REC(m) offsetof(struct record, m)

const struct template_dual template_duals[TEMPLATE_DUALS] = {
	{ FE_IPV4, FE_IPV6, REC(f.src), REC(x.src6), 2 },
	{ FE_NEXT4, FE_NEXT6, REC(f.next_hop), REC(x.next6), 1 },
	{ FE_BGPNEXT4, FE_BGPNEXT6, REC(f.bgp_next), REC(x.bgp6), 1 },
	{ FE_NAT4, FE_NAT6, REC(f.xlate_src), REC(x.xsrc6), 2 },
};

_Static_assert(REC(f.dst) == REC(f.src) + sizeof(struct flow_ip6) &&
		   REC(f.xlate_dst) ==
		       REC(f.xlate_src) + sizeof(struct flow_ip6) &&
		   REC(x.dst6) == REC(x.src6) + sizeof(struct flow_ip6) &&
		   REC(x.xdst6) == REC(x.xsrc6) + sizeof(struct flow_ip6),
    "pairs of addresses are moved together");

/* ---- compiling ------------------------------------------------------------ */

static uint8_t
num_op(uint16_t len, uint8_t width)
{
	if (len == 1 && width == 1)
		return STEP_8;
	if (len == 2 && width == 2)
		return STEP_16;
	if (len == 4 && width == 4)
		return STEP_32;
	if (len == 8 && width == 8)
		return STEP_64;
	if (len == 2 && width == 4)
		return STEP_16_32;
	if (len == 4 && width == 8)
		return STEP_32_64;
	if ((len >= 1 && len <= 8) || len == TEMPLATE_VARIABLE)
		return STEP_NUM;
	return STEP_SKIP;
}

static uint8_t
op_of(const struct field *f, uint16_t len)
{
	switch ((enum field_kind)f->kind) {
	case FIELD_NUM:
		return num_op(len, f->width);
	case FIELD_ADDR4:
		return len == 4 ? STEP_ADDR4 : STEP_SKIP;
	case FIELD_ADDR6:
		return len == 16 ? STEP_ADDR6 : STEP_SKIP;
	case FIELD_RAW:
		return STEP_RAW;
	case FIELD_BYTES:
		return STEP_BYTES;
	}
	return STEP_SKIP;
}

struct compiler {
	uint8_t proto;
	struct template *t;
	const struct field *kept[DECODE_FIELDS_MAX]; /* of step i, or NULL */
	uint32_t size;
};

static struct step *
same_place(struct compiler *c, const struct field *f, size_t *at)
{
	for (size_t i = 0; i < c->t->n; i++) {
		if (c->kept[i] == NULL || c->kept[i]->dst != f->dst ||
		    c->kept[i]->kind != f->kind)
			continue;
		*at = i;
		return &c->t->step[i];
	}
	return NULL;
}

/*
 * A place filled twice: deltas before totals, else the last value that is
 * not 0 (a template may announce TCP and UDP ports).  False: drop the new.
 */
static bool
resolve_twice(struct compiler *c, const struct field *f, struct step *s)
{
	size_t at = 0;
	struct step *old = same_place(c, f, &at);
	if (old == NULL)
		return true;
	bool old_weak = (c->kept[at]->flags & FIELD_WEAK) != 0;
	bool weak = (f->flags & FIELD_WEAK) != 0;
	if (weak && !old_weak)
		return false;
	if (old_weak && !weak) {
		old->op = STEP_SKIP;
		c->kept[at] = NULL;
	} else if (f->kind == FIELD_NUM)
		s->op = STEP_NUM_NZ;
	return true;
}

static void
note_use(struct template *t, const struct field *f)
{
	if (f->elem != FE_NULL)
		t->have |= FLOW_BIT(f->elem);
	size_t base = REC(x.time);
	if (f->dst >= base &&
	    f->dst < base + sizeof(((struct record *)0)->x.time))
		t->times |= UINT32_C(1) << (f->dst - base) / sizeof(uint64_t);
	if (f->dst == REC(f.obs_domain))
		t->has_domain = true;
	if (f->dst == REC(x.icmp) || f->dst == REC(x.icmp_type) ||
	    f->dst == REC(x.icmp_code))
		t->has_icmp = true;
	if (f->dst == REC(f.frame) || f->dst == REC(x.ip_section)) {
		t->has_frame = true;
		t->have |= FLOW_BIT(FE_GENERIC);
	}
	if (f->dst >= REC(x.sampling) && f->dst < REC(x.ip_section))
		t->has_rate = true;
}

#define SCOPE_INTERFACE 2 /* RFC 3954 section 6.1 */

static const struct field *
find_field(const struct compiler *c, const struct template_field *tf)
{
	if (!c->t->options)
		return field_find(c->proto, tf->pen, tf->id);
	if (!tf->scope || c->proto == FIELD_IPFIX)
		return field_find_option(tf->pen, tf->id);
	/* v9 has numbers of its own for scopes. */
	return tf->id == SCOPE_INTERFACE ? field_find_option(0, 10) : NULL;
}

/* RFC 6313: 292 subTemplateList, 293 subTemplateMultiList. */
static uint8_t
list_op(const struct compiler *c, const struct template_field *tf)
{
	if (c->t->options || c->proto != FIELD_IPFIX || tf->pen != 0)
		return STEP_SKIP;
	return tf->id == 292   ? STEP_LIST
	       : tf->id == 293 ? STEP_MULTI
			       : STEP_SKIP;
}

static void
add_field(struct compiler *c, const struct template_field *tf)
{
	struct template *t = c->t;
	const struct field *f = find_field(c, tf);
	/* Juniper's common properties: that of 2 bytes is the exception. */
	if (f != NULL && f->dst == REC(x.juniper_exception) && tf->len != 2)
		f = NULL;
	struct step s = { .off = (uint16_t)c->size, .len = tf->len };
	if (f != NULL && (s.op = op_of(f, tf->len)) != STEP_SKIP &&
	    resolve_twice(c, f, &s)) {
		s.dst = f->dst;
		s.width = f->width;
		note_use(t, f);
	} else {
		f = NULL;
		s.op = list_op(c, tf);
		t->has_list |= s.op != STEP_SKIP;
	}
	c->kept[t->n] = f;
	t->step[t->n++] = s;
}

static void
find_duals(struct template *t)
{
	for (size_t d = 0; d < TEMPLATE_DUALS; d++) {
		const struct template_dual *td = &template_duals[d];
		uint64_t both = FLOW_BIT(td->elem4) | FLOW_BIT(td->elem6);
		if ((t->have & both) != both)
			continue;
		t->dual |= (uint8_t)(1U << d);
		size_t size = td->n * sizeof(struct flow_ip6);
		for (size_t i = 0; i < t->n; i++) {
			struct step *s = &t->step[i];
			if (s->op == STEP_ADDR6 && s->dst >= td->dst &&
			    s->dst < td->dst + size)
				s->dst = (uint16_t)(s->dst - td->dst + td->alt);
		}
	}
}

/*
 * Fixed lengths need no steps for what is skipped, and the others can stand
 * in any order that leaves those of one place in theirs: the first of them is
 * a plain move, or all have the same op.
 */
static void
order_steps(struct template *t)
{
	struct step sorted[DECODE_FIELDS_MAX] = { 0 };
	uint16_t n = 0;
	for (unsigned op = STEP_8; op <= STEP_MULTI; op++) {
		for (uint16_t i = 0; i < t->n; i++)
			if (t->step[i].op == op)
				sorted[n++] = t->step[i];
		if (op <= STEP_ADDR6)
			t->end[op] = n;
	}
	memcpy(t->step, sorted, n * sizeof(sorted[0]));
	t->n = n;
}

static size_t
size_of(const struct template *t)
{
	return sizeof(*t) + t->n * sizeof(t->step[0]) + t->wire_len;
}

/* What it costs: with the allocator's part and its share of the set. */
static size_t
cost_of(const struct template *t)
{
	return size_of(t) + MALLOC_OVERHEAD + SHARE;
}

static struct template *
keep_wire(struct template *t, const struct template_wire *wire)
{
	t->wire_len = (uint32_t)wire->len;
	t = mem_realloc(t, 1, size_of(t));
	if (wire->len != 0)
		memcpy(&t->step[t->n], wire->p, wire->len);
	return t;
}

struct template_wire
template_wire(const struct template *t)
{
	const void *p = &t->step[t->n];
	return (struct template_wire){ .p = p, .len = t->wire_len };
}

struct template *
template_compile(const struct template_info *info,
    const struct template_field *fields, size_t n)
{
	if (n == 0 || n > DECODE_FIELDS_MAX)
		return NULL;
	struct compiler c = { .proto = info->proto };
	c.t = mem_calloc(1, sizeof(*c.t) + n * sizeof(c.t->step[0]));
	c.t->id = info->id;
	c.t->options = info->options;
	for (size_t i = 0; i < n; i++) {
		bool variable = c.proto == FIELD_IPFIX &&
				fields[i].len == TEMPLATE_VARIABLE;
		add_field(&c, &fields[i]);
		c.size += variable ? 1 : fields[i].len;
		c.t->variable |= variable;
		if (c.size > UINT16_MAX)
			goto fail;
	}
	if (c.size == 0)
		goto fail;
	c.t->size = (uint16_t)c.size;
	/* Lists are met on the walk from field to field. */
	c.t->variable |= c.t->has_list;
	if (!c.t->options)
		find_duals(c.t);
	if (!c.t->variable)
		order_steps(c.t);
	c.t = keep_wire(c.t, &info->wire);
	return c.t;
fail:
	free(c.t);
	return NULL;
}

/* Announced again, as it is every few minutes. */
static bool
same(const struct template *a, const struct template *b)
{
	return a->options == b->options && a->wire_len == b->wire_len &&
	       a->n == b->n && a->size == b->size &&
	       memcmp(a->step, b->step, size_of(a) - sizeof(*a)) == 0;
}

/* ---- the set -------------------------------------------------------------- */

static size_t
find_slot(const struct template_set *set, uint16_t id)
{
	size_t i = id & (set->cap - 1);
	while (set->slot[i] != NULL && set->slot[i]->id != id)
		i = (i + 1) & (set->cap - 1);
	return i;
}

static void
drop(struct template_set *set, struct template *t)
{
	budget_give(set->budget, cost_of(t));
	set->n--;
	free(t);
}

static void
grow(struct template_set *set)
{
	struct template **old = set->slot;
	size_t cap = set->cap;
	set->cap = cap != 0 ? cap * 2 : 8;
	set->slot = mem_calloc(set->cap, sizeof(struct template *));
	for (size_t i = 0; i < cap; i++)
		if (old[i] != NULL)
			set->slot[find_slot(set, old[i]->id)] = old[i];
	free(old);
}

bool
template_set_put(struct template_set **setp, struct template *t,
    struct budget *b, bool *changed)
{
	if (*setp == NULL) {
		if (!budget_take(b, SET_COST)) {
			free(t);
			*changed = true;
			return false;
		}
		*setp = mem_calloc(1, sizeof(**setp));
		(*setp)->budget = b;
	}
	struct template_set *set = *setp;
	if (set->n * 2 >= set->cap)
		grow(set);
	struct template **slot = &set->slot[find_slot(set, t->id)];
	struct template *old = *slot;
	*changed = old == NULL || !same(old, t);
	if (!*changed)
		old->used_ms = t->used_ms;
	if (!*changed || !budget_take(b, cost_of(t))) {
		free(t);
		return !*changed;
	}
	*slot = t;
	set->n++;
	if (old != NULL)
		drop(set, old);
	return true;
}

struct template *
template_set_get(const struct template_set *set, uint16_t id)
{
	return set != NULL && set->n != 0 ? set->slot[find_slot(set, id)]
					  : NULL;
}

void
template_set_remove(struct template_set *set, uint16_t id)
{
	if (set == NULL || set->n == 0)
		return;
	size_t i = find_slot(set, id);
	if (set->slot[i] == NULL)
		return;
	drop(set, set->slot[i]);
	set->slot[i] = NULL;
	/* What was pushed behind the freed slot moves up. */
	for (i = (i + 1) & (set->cap - 1); set->slot[i] != NULL;
	     i = (i + 1) & (set->cap - 1)) {
		struct template *t = set->slot[i];
		set->slot[i] = NULL;
		set->slot[find_slot(set, t->id)] = t;
	}
}

/* Of this kind (-1: of any) and last used before then. */
static void
remove_all(struct template_set *set, int options, uint64_t before_ms)
{
	struct template **old = set->slot;
	set->slot = mem_calloc(set->cap, sizeof(struct template *));
	for (size_t i = 0; i < set->cap; i++) {
		if (old[i] == NULL)
			continue;
		if ((options == -1 || options == (int)old[i]->options) &&
		    old[i]->used_ms < before_ms)
			drop(set, old[i]);
		else
			set->slot[find_slot(set, old[i]->id)] = old[i];
	}
	free(old);
}

void
template_set_clear(struct template_set *set, bool options)
{
	if (set != NULL && set->n != 0)
		remove_all(set, options, UINT64_MAX);
}

size_t
template_set_expire(struct template_set *set, uint64_t before_ms)
{
	size_t n = template_set_count(set), pos = 0;
	const struct template *t;
	while ((t = template_set_next(set, &pos)) != NULL)
		if (t->used_ms < before_ms) {
			remove_all(set, -1, before_ms);
			break;
		}
	return n - template_set_count(set);
}

void
template_set_free(struct template_set *set)
{
	if (set == NULL)
		return;
	for (size_t i = 0; i < set->cap; i++)
		if (set->slot[i] != NULL)
			drop(set, set->slot[i]);
	budget_give(set->budget, SET_COST);
	free(set->slot);
	free(set);
}

size_t
template_set_count(const struct template_set *set)
{
	return set != NULL ? set->n : 0;
}

const struct template *
template_set_next(const struct template_set *set, size_t *pos)
{
	while (set != NULL && *pos < set->cap) {
		const struct template *t = set->slot[(*pos)++];
		if (t != NULL)
			return t;
	}
	return NULL;
}
