/* The text of a format into parts: tokens, and what stands between them. */
#include <string.h>

#include "query/fmt.h"
#include "query/fmtconf.h"
#include "query/put.h"
#include "query/text.h"

#define OPS_MAX   4096 /* parts of one format */
#define DEPTH_MAX 8    /* names of formats in formats */

struct compiler {
	struct format *f;
	struct arena *arena;
	struct err *err;
	struct fmt_op *ops;
	size_t n, cap;
	const char *whole; /* what the user wrote */
	const char *place; /* how far that has been read */
};

/* As much of the text as fits one line, its control characters as '?'. */
#define SHOWN 60

static void
show(struct buf *b, const char *text, size_t most)
{
	for (size_t i = 0; i < most && text[i] != '\0'; i++)
		buf_addc(b, (unsigned char)text[i] < ' ' ? '?' : text[i]);
}

/* nfdump's line, then the text with a caret below the place. */
static int
fail_at(const struct compiler *c, const char *at, const char *why)
{
	struct buf b = BUF_EMPTY;
	const char *from = c->whole;
	if (c->place - c->whole > SHOWN)
		from = c->place - SHOWN;
	size_t column = (size_t)(c->place - from);
	buf_adds(&b, "Output format parse error at: ");
	show(&b, at, SHOWN);
	buf_addc(&b, '\n');
	show(&b, from, column + SHOWN);
	buf_addc(&b, '\n');
	text_right(&b, "^", (int)column + 1);
	buf_printf(&b, " %s", why);
	(void)err_set(c->err, "%s", buf_str(&b));
	buf_free(&b);
	return -1;
}

static int
fail_token(const struct compiler *c, const char *at)
{
	struct buf why = BUF_EMPTY;
	size_t n = 1;
	while ((at[n] >= 'a' && at[n] <= 'z') ||
	       (at[n] >= 'A' && at[n] <= 'Z') || (at[n] >= '0' && at[n] <= '9'))
		n++;
	buf_printf(&why, "no token or format is called %.*s",
	    (int)(n < SHOWN ? n : SHOWN), at);
	int r = fail_at(c, at, buf_str(&why));
	buf_free(&why);
	return r;
}

static struct fmt_op *
add_op(struct compiler *c)
{
	if (c->n == c->cap) {
		size_t cap = c->cap != 0 ? c->cap * 2 : 32;
		struct fmt_op *more = arena_array(c->arena, cap, sizeof(*more));
		if (c->n != 0)
			memcpy(more, c->ops, c->n * sizeof(*more));
		c->ops = more;
		c->cap = cap;
	}
	c->ops[c->n] = (struct fmt_op){ 0 };
	return &c->ops[c->n++];
}

/* Copied as a whole word when it is short. */
static const char *
text_of(struct arena *a, const char *s, size_t n)
{
	char *text = arena_alloc(a, n + PUT_SLACK);
	memcpy(text, s, n);
	text[n] = '\0';
	return text;
}

/* The longest name of a format that text starts with. */
static const char *
find_name(const struct format *f, const char *text, size_t *len)
{
	const char *best = format_named(text, len);
	for (const struct fmt_named *u = f->user; u != NULL; u = u->next) {
		size_t n = strlen(u->name);
		if (n >= *len && n != 0 && !u->csv &&
		    strncmp(text, u->name, n) == 0 &&
		    (n > *len || fmtconf_find(f->user, u->name, n) == u)) {
			best = u->text;
			*len = n;
		}
	}
	return best;
}

/* NOLINTNEXTLINE(misc-no-recursion): at most DEPTH_MAX deep */
static int
compile(struct compiler *c, const char *text, int depth)
{
	for (const char *p = text; *p != '\0';) {
		size_t n, name_len;
		if (depth == 0)
			c->place = p;
		if (c->n == OPS_MAX)
			return fail_at(c, p, "too many parts");
		if (*p != '%') {
			n = strcspn(p, "%");
			struct fmt_op *op = add_op(c);
			op->text = text_of(c->arena, p, n);
			op->len = n;
			p += n;
			continue;
		}
		const struct token *t = fmt_find_token(p + 1, &n);
		const char *named = find_name(c->f, p + 1, &name_len);
		if (t == NULL && named == NULL)
			return fail_token(c, p);
		if (t != NULL && (named == NULL || n >= name_len)) {
			add_op(c)->token = t;
			c->f->needs |= t->needs;
			c->f->numbered |= strcmp(t->name, "cnt") == 0;
			p += n + 1;
			continue;
		}
		if (depth == DEPTH_MAX)
			return fail_at(c, p, "formats within formats");
		if (compile(c, named, depth + 1) == -1)
			return -1;
		p += name_len + 1;
	}
	return 0;
}

int
fmt_compile(struct format *f, const char *text, struct arena *a,
    struct err *err)
{
	struct compiler c = { .f = f,
		.arena = a,
		.err = err,
		.whole = text,
		.place = text };
	f->needs = 0;
	int r = compile(&c, text, 0);
	f->ops = c.ops;
	f->n_ops = c.n;
	return r;
}
