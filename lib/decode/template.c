#include "decode/template.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* Open addressing by id; at most half full. */
struct template_set {
	size_t n;
	size_t cap; /* power of two */
	struct template **slot;
	uint32_t *left; /* shared with other sets, or NULL */
};

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
	} else if (s->op <= STEP_NUM)
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
}

static void
add_field(struct compiler *c, const struct template_field *tf)
{
	struct template *t = c->t;
	const struct field *f =
	    tf->scope ? NULL : field_find(c->proto, tf->pen, tf->id);
	/* Of options only the boot time is used. */
	if (f != NULL && t->options && f->dst != REC(x.boot_ms))
		f = NULL;
	struct step s = { .off = (uint16_t)c->size, .len = tf->len };
	if (f != NULL && (s.op = op_of(f, tf->len)) != STEP_SKIP &&
	    resolve_twice(c, f, &s)) {
		s.dst = f->dst;
		s.width = f->width;
		note_use(t, f);
	} else {
		f = NULL;
		s.op = STEP_SKIP;
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

/* Fixed lengths need no steps for what is skipped. */
static void
drop_skips(struct template *t)
{
	uint16_t n = 0;
	for (uint16_t i = 0; i < t->n; i++)
		if (t->step[i].op != STEP_SKIP)
			t->step[n++] = t->step[i];
	t->n = n;
}

struct template *
template_compile(uint8_t proto, uint16_t id, bool options,
    const struct template_field *fields, size_t n)
{
	if (n == 0 || n > DECODE_FIELDS_MAX)
		return NULL;
	struct compiler c = { .proto = proto };
	c.t = mem_calloc(1, sizeof(*c.t) + n * sizeof(c.t->step[0]));
	c.t->id = id;
	c.t->options = options;
	for (size_t i = 0; i < n; i++) {
		bool variable =
		    proto == FIELD_IPFIX && fields[i].len == TEMPLATE_VARIABLE;
		add_field(&c, &fields[i]);
		c.size += variable ? 1 : fields[i].len;
		c.t->variable |= variable;
		if (c.size > UINT16_MAX)
			goto fail;
	}
	if (c.size == 0)
		goto fail;
	c.t->size = (uint16_t)c.size;
	find_duals(c.t);
	if (!c.t->variable)
		drop_skips(c.t);
	return mem_realloc(c.t, 1,
	    sizeof(*c.t) + c.t->n * sizeof(c.t->step[0]));
fail:
	free(c.t);
	return NULL;
}

static bool
same(const struct template *a, const struct template *b)
{
	return a->n == b->n && a->size == b->size &&
	       a->variable == b->variable && a->options == b->options &&
	       a->times == b->times && a->dual == b->dual &&
	       a->have == b->have &&
	       memcmp(a->step, b->step, a->n * sizeof(a->step[0])) == 0;
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

/* One more or one less. */
static void
count(struct template_set *set, int change)
{
	set->n += (size_t)change;
	if (set->left != NULL)
		*set->left -= (uint32_t)change;
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
template_set_put(struct template_set **setp, struct template *t, uint32_t *left,
    bool *changed)
{
	if (*setp == NULL)
		*setp = mem_calloc(1, sizeof(**setp));
	struct template_set *set = *setp;
	set->left = left;
	if (set->n * 2 >= set->cap)
		grow(set);
	struct template **slot = &set->slot[find_slot(set, t->id)];
	*changed = *slot == NULL || !same(*slot, t);
	if (*slot != NULL) {
		/* Announced again, as it is every few minutes. */
		free(*changed ? *slot : t);
		if (*changed)
			*slot = t;
		return true;
	}
	if (set->n == DECODE_TEMPLATES_MAX || (left != NULL && *left == 0)) {
		free(t);
		return false;
	}
	*slot = t;
	count(set, 1);
	return true;
}

const struct template *
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
	free(set->slot[i]);
	set->slot[i] = NULL;
	count(set, -1);
	/* What was pushed behind the freed slot moves up. */
	for (i = (i + 1) & (set->cap - 1); set->slot[i] != NULL;
	     i = (i + 1) & (set->cap - 1)) {
		struct template *t = set->slot[i];
		set->slot[i] = NULL;
		set->slot[find_slot(set, t->id)] = t;
	}
}

void
template_set_clear(struct template_set *set, bool options)
{
	if (set == NULL || set->n == 0)
		return;
	struct template **old = set->slot;
	set->slot = mem_calloc(set->cap, sizeof(struct template *));
	for (size_t i = 0; i < set->cap; i++) {
		if (old[i] == NULL)
			continue;
		if (old[i]->options == options) {
			free(old[i]);
			count(set, -1);
		} else
			set->slot[find_slot(set, old[i]->id)] = old[i];
	}
	free(old);
}

void
template_set_free(struct template_set *set)
{
	if (set == NULL)
		return;
	for (size_t i = 0; i < set->cap; i++)
		free(set->slot[i]);
	count(set, -(int)set->n);
	free(set->slot);
	free(set);
}

size_t
template_set_count(const struct template_set *set)
{
	return set != NULL ? set->n : 0;
}
