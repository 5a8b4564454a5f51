/*
 * template: the templates of one exporter, compiled to lists of steps.
 *
 * A step moves one field of the data record to its place.  Where all lengths
 * are fixed, steps carry offsets, stand in groups of the same kind, and
 * unknown fields cost nothing; a template
 * with fields of variable length is walked field by field.
 *
 * Kept are at most DECODE_FIELDS_MAX announced fields of each; 8 bytes a
 * step, and the announcement as it came, 4 or 8 bytes a field.  How many
 * templates an exporter may have is exporter.h's.
 */
#ifndef DECODE_TEMPLATE_H
#define DECODE_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "decode/decode.h"
#include "decode/field.h"

#define TEMPLATE_VARIABLE 65535 /* a field's announced length */

enum step_op {
	STEP_SKIP,
	STEP_8, /* the usual sizes: source to place */
	STEP_16,
	STEP_32,
	STEP_64,
	STEP_16_32,
	STEP_32_64,
	STEP_ADDR4,
	STEP_ADDR6,
	STEP_NUM,    /* any other number */
	STEP_NUM_NZ, /* only when not 0: the place may have a value already */
	STEP_RAW,
	STEP_BYTES,
	STEP_LIST, /* RFC 6313: subTemplateList */
	STEP_MULTI /* subTemplateMultiList */
};

struct step {
	uint16_t off; /* in the record; unused when the template is variable */
	uint16_t len; /* there; TEMPLATE_VARIABLE */
	uint16_t dst; /* in struct record */
	uint8_t op;
	uint8_t width; /* bytes at dst */
};

struct template
{
	uint16_t id;
	uint16_t n;    /* steps */
	uint16_t size; /* of a record; the least when variable, > 0 */
	bool variable;
	bool options;      /* about the exporter, no flows */
	uint32_t times;    /* bit 2 * enum field_time + end: announced */
	uint8_t dual;      /* bit per template_duals[] with both families */
	bool has_domain;   /* 149 */
	bool has_icmp;     /* 32, 139, 176..179 */
	bool has_frame;    /* 104, 313, 315 */
	bool has_rate;     /* sampling in the record itself */
	bool has_list;     /* what is in it has a template of its own */
	uint64_t have;     /* FLOW_BITs of every record; of options,
	                    enum option_bit */
	uint32_t wire_len; /* the announcement, behind the steps */
	uint64_t used_ms;  /* when last announced or used; received time */

	/*
	 * Of a fixed length the steps are ordered by op, so that each of the
	 * usual ones is a loop without a choice in it: where its steps end.
	 */
	uint16_t end[STEP_ADDR6 + 1];
	struct step step[];
};

/* Elements that exist for both families and share their place. */
struct template_dual {
	uint8_t elem4, elem6;
	uint16_t dst; /* of the IPv4 form, in struct record */
	uint16_t alt; /* where IPv6 goes when both are announced */
	uint8_t n;    /* addresses in a row */
};
#define TEMPLATE_DUALS 4
extern const struct template_dual template_duals[TEMPLATE_DUALS];

/* One field as a template announces it. */
struct template_field {
	uint32_t pen;
	uint16_t id;
	uint16_t len;
	bool scope; /* of an options template: only its length counts */
};

/* An announcement: id to last field, as on the wire. */
struct template_wire {
	const uint8_t *p;
	size_t len; /* at most 65535 */
};

struct template_info {
	uint8_t proto; /* FIELD_V9 or FIELD_IPFIX */
	uint16_t id;
	bool options;
	struct template_wire wire;
};

/*
 * Compile.  NULL: no record could be of that form (length 0 or above 65535).
 * Free with free().
 */
struct template *template_compile(const struct template_info *info,
    const struct template_field *fields, size_t n);

struct template_wire template_wire(const struct template *t);

/*
 * Takes over t.  b (or NULL, always the same for a set) is taken from for a
 * template's bytes and given back to when it goes.  False: nothing is left,
 * and t was freed.
 */
bool template_set_put(struct template_set **set, struct template *t,
    struct budget *b, bool *changed);
struct template *template_set_get(const struct template_set *set, uint16_t id);
void template_set_remove(struct template_set *set, uint16_t id);

/* All templates, or all options templates. */
void template_set_clear(struct template_set *set, bool options);

/* Those last announced or used before then; how many went. */
size_t template_set_expire(struct template_set *set, uint64_t before_ms);
void template_set_free(struct template_set *set);
size_t template_set_count(const struct template_set *set);

/* All, in no order: *pos starts at 0; NULL at the end. */
const struct template *template_set_next(const struct template_set *set,
    size_t *pos);

#endif
