/*
 * json: members of JSON objects, in the forms of nfdump.  Names are string
 * literals, so that a member's start is one piece to copy.
 */
#ifndef QUERY_JSON_H
#define QUERY_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "flow/flow.h"
#include "query/put.h"

/* Where an object goes: one member a line, or all of it in one line. */
struct json_object {
	struct buf *b;
	bool dense;
};

static inline __attribute__((always_inline)) void
json_literal(struct buf *b, const char *s, size_t n)
{
	char *p = put_room(b, n);
	memcpy(p, s, n);
	put_end(b, p + n);
}

#define TEXT(o, s) json_literal((o)->b, s, sizeof(s) - 1)

/* The name of the next member; what follows belongs to its value. */
#define KEY(o, name, open)                                                     \
	do {                                                                   \
		if ((o)->dense)                                                \
			TEXT(o, ",\"" name "\":" open);                        \
		else                                                           \
			TEXT(o, ",\n\t\"" name "\" : " open);                  \
	} while (0)

#define NUMBER(o, name, v)                                                     \
	do {                                                                   \
		KEY(o, name, "");                                              \
		json_number(o, v);                                             \
	} while (0)

/* nfdump 1.7.1 has some numbers in quotes. */
#define QUOTED(o, name, v)                                                     \
	do {                                                                   \
		KEY(o, name, "\"");                                            \
		json_number(o, v);                                             \
		TEXT(o, "\"");                                                 \
	} while (0)

#define STRING(o, name, s)                                                     \
	do {                                                                   \
		KEY(o, name, "\"");                                            \
		json_string(o, s);                                             \
	} while (0)

#define IP(o, name, a, v6)                                                     \
	do {                                                                   \
		KEY(o, name, "\"");                                            \
		json_ip(o, a, v6);                                             \
	} while (0)

#define MAC(o, name, v)                                                        \
	do {                                                                   \
		KEY(o, name, "\"");                                            \
		json_mac(o, v);                                                \
	} while (0)

#define TIME(o, name, ms)                                                      \
	do {                                                                   \
		KEY(o, name, "\"");                                            \
		json_time(o, ms);                                              \
	} while (0)

#define LATENCY(o, name, usec)                                                 \
	do {                                                                   \
		KEY(o, name, "");                                              \
		json_latency(o, usec);                                         \
	} while (0)

#define HEX(o, name, v)                                                        \
	do {                                                                   \
		KEY(o, name, "\"");                                            \
		json_hex(o, v);                                                \
	} while (0)

#define BYTES(o, name, v)                                                      \
	do {                                                                   \
		KEY(o, name, "\"");                                            \
		json_bytes(o, v);                                              \
	} while (0)

/* Values; those of strings with the quote at their end. */
void json_number(const struct json_object *o, uint64_t v);
void json_end(const struct json_object *o, char *p); /* the quote alone */
void json_string(const struct json_object *o, const char *s);
void json_bytes(const struct json_object *o, const struct flow_bytes *v);
void json_hex(const struct json_object *o, const struct flow_bytes *v);
void json_ip(const struct json_object *o, const struct flow_ip6 *a, bool v6);
void json_mac(const struct json_object *o, uint64_t v);
void json_time(const struct json_object *o, uint64_t ms);
void json_latency(const struct json_object *o, uint64_t usec);

#endif
