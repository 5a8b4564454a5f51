/*
 * format: how flows are printed.  A format has a head, a line or object per
 * flow, and a foot; it adds text to a buffer.
 */
#ifndef QUERY_FORMAT_H
#define QUERY_FORMAT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "flow/flow.h"

enum format_mode { MODE_FMT, MODE_CSV, MODE_JSON, MODE_PIPE, MODE_NULL };

struct fmt_op; /* one token or piece of text, format_fmt.c */

struct format {
	enum format_mode mode;
	bool plain; /* -N */
	bool wide6; /* -6: full IPv6 addresses */
	bool tag;   /* -T: a byte 1 before addresses */
	const struct fmt_op *ops;
	size_t n_ops;
	bool everyday;  /* ops show only what aggregated flows keep */
	uint64_t count; /* flows printed */
};

/*
 * A mode's name as -o takes it: line, long, extended, biline, bilong, each
 * with suffix 6; csv, json, pipe, null; fmt:.. with tokens.  -1: err.
 */
int format_parse(struct format *f, const char *text, struct arena *a,
    struct err *err);

void format_head(const struct format *f, struct buf *b);
void format_flow(struct format *f, const struct flow *flow, struct buf *b);
void format_foot(const struct format *f, struct buf *b);

/* format_fmt.c */
int fmt_compile(struct format *f, const char *text, struct arena *a,
    struct err *err);
void fmt_head(const struct format *f, struct buf *b);
void fmt_flow(const struct format *f, const struct flow *flow, struct buf *b);

/* format_csv.c, format_json.c, format_pipe.c */
void csv_head(struct buf *b);
void csv_flow(const struct flow *flow, struct buf *b);
void json_flow(const struct flow *flow, struct buf *b);
void pipe_flow(const struct flow *flow, struct buf *b);

#endif
