#include "profiler/joblist.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/hash.h"
#include "base/mem.h"

#define FIELDS 5

struct line {
	unsigned number;
	const char *text;
	size_t len;
};

/* ---- fields ---------------------------------------------------------------------- */

/* Cut at the first four '#'; the rest is the last field. */
static size_t
split(char *text, char *field[FIELDS])
{
	size_t n = 0;
	field[n++] = text;
	for (char *p; n < FIELDS && (p = strchr(field[n - 1], '#')) != NULL;) {
		*p = '\0';
		field[n++] = p + 1;
	}
	return n;
}

static int
check_name(const char *what, const char *name, struct err *err)
{
	size_t len = strlen(name);
	if (len == 0)
		return err_set(err, "%s: empty", what);
	if (len > JOBLIST_NAME_MAX)
		return err_set(err, "%s: %zu characters, at most %d", what, len,
		    JOBLIST_NAME_MAX);
	if (name[0] == '.')
		return err_set(err, "%s '%s': begins with a dot", what, name);
	for (const char *s = name; *s != '\0'; s++)
		if (*s == '/' || (unsigned char)*s < ' ' || *s == 0x7f)
			return err_set(err,
			    "%s '%s': not the name of one folder", what, name);
	return 0;
}

static int
take_type(struct job_channel *ch, const char *text, struct err *err)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end != '\0' || n > 15)
		return err_set(err, "type '%s': a number from 0 to 15", text);
	ch->type = (unsigned)n;
	return 0;
}

static int
take_sources(struct job_channel *ch, char *text, struct arena *a,
    struct err *err)
{
	size_t most = 1;
	if (text[0] == '\0' || strcmp(text, "*") == 0)
		return 0;
	for (const char *s = text; *s != '\0'; s++)
		most += *s == '|';
	ch->sources = arena_array(a, most, sizeof(*ch->sources));
	for (char *next; text != NULL; text = next) {
		next = strchr(text, '|');
		if (next != NULL)
			*next++ = '\0';
		if (text[0] == '\0')
			continue;
		if (check_name("source", text, err) == -1)
			return -1;
		ch->sources[ch->n_sources++] = arena_strdup(a, text);
	}
	return ch->n_sources != 0 ? 0 : err_set(err, "sources: only '|'");
}

static int
take_fields(struct job_channel *ch, char *field[FIELDS], struct arena *a,
    struct err *err)
{
	if ((strcmp(field[0], ".") != 0 &&
		check_name("group", field[0], err) == -1) ||
	    check_name("profile", field[1], err) == -1 ||
	    take_type(ch, field[2], err) == -1 ||
	    check_name("channel", field[3], err) == -1 ||
	    take_sources(ch, field[4], a, err) == -1)
		return -1;
	ch->group = arena_strdup(a, field[0]);
	ch->profile = arena_strdup(a, field[1]);
	ch->name = arena_strdup(a, field[3]);
	return 0;
}

static int
take_line(struct job_channel *ch, const struct line *l, char *copy,
    struct arena *a, struct err *err)
{
	char *field[FIELDS];
	*ch = (struct job_channel){ .line = l->number };
	if (l->len > JOBLIST_LINE)
		return err_set(err, "%zu bytes, at most %d", l->len,
		    JOBLIST_LINE);
	size_t len = l->len - (l->len > 0 && l->text[l->len - 1] == '\r');
	memcpy(copy, l->text, len);
	copy[len] = '\0';
	if (strlen(copy) != len)
		return err_set(err, "a NUL byte");
	size_t n = split(copy, field);
	if (n < FIELDS)
		return err_set(err,
		    "%zu fields of group#profile#type#channel#sources", n);
	return take_fields(ch, field, a, err);
}

/* ---- the list -------------------------------------------------------------------- */

/* Both write the same file and database. */
static bool
is_same(const struct job_channel *x, const struct job_channel *y)
{
	return strcmp(x->group, y->group) == 0 &&
	       strcmp(x->profile, y->profile) == 0 &&
	       strcmp(x->name, y->name) == 0;
}

/* Open addressing over channel numbers + 1, as many slots as twice the most. */
static uint32_t *
place(uint32_t *slots, size_t mask, const struct job_list *l,
    const struct job_channel *ch)
{
	uint64_t h = hash_bytes(ch->name, strlen(ch->name), hash_seed());
	h = hash_bytes(ch->profile, strlen(ch->profile), h);
	size_t at = hash_bytes(ch->group, strlen(ch->group), h) & mask;
	while (slots[at] != 0 && !is_same(&l->channels[slots[at] - 1], ch))
		at = (at + 1) & mask;
	return &slots[at];
}

static bool
next_line(struct line *l, const char *end)
{
	const char *text = l->text + l->len;
	if (l->number != 0 && text < end)
		text++;
	if (text >= end)
		return false;
	const char *lf = memchr(text, '\n', (size_t)(end - text));
	l->text = text;
	l->len = (size_t)((lf != NULL ? lf : end) - text);
	l->number++;
	return true;
}

static bool
is_blank(const struct line *l)
{
	for (size_t i = 0; i < l->len; i++)
		if (l->text[i] != ' ' && l->text[i] != '\t' &&
		    l->text[i] != '\r')
			return false;
	return true;
}

/* A table of room for the channels of n lines. */
struct seen {
	uint32_t *slots;
	size_t mask;
};

static struct seen
make_seen(size_t n)
{
	size_t slots = 16;
	while (slots < n * 2)
		slots *= 2;
	return (struct seen){ mem_calloc(slots, sizeof(uint32_t)), slots - 1 };
}

static int
add_line(struct job_list *l, size_t most, struct seen *seen,
    const struct line *line, char *copy, struct arena *a, struct err *err)
{
	struct job_channel *ch = &l->channels[l->n];
	if (l->n == most)
		return err_set(err, "at most %d channels", JOBLIST_CHANNELS);
	if (take_line(ch, line, copy, a, err) == -1)
		return -1;
	uint32_t *at = place(seen->slots, seen->mask, l, ch);
	if (*at != 0)
		return err_set(err, "the channel of line %u again",
		    l->channels[*at - 1].line);
	*at = (uint32_t)++l->n;
	return 0;
}

void
joblist_parse(const char *text, size_t len, struct arena *a, struct job_list *l,
    void (*complain)(const char *text))
{
	struct line line = { .text = text };
	struct err err;
	size_t most = 0;
	while (next_line(&line, text + len) && most < JOBLIST_CHANNELS)
		most++;
	struct seen seen = make_seen(most);
	char *copy = mem_alloc(JOBLIST_LINE + 1);
	*l = (struct job_list){ .channels = arena_array(a, most + 1,
				    sizeof(*l->channels)) };
	line = (struct line){ .text = text };
	while (next_line(&line, text + len)) {
		if (is_blank(&line) ||
		    add_line(l, most, &seen, &line, copy, a, &err) == 0)
			continue;
		l->bad++;
		(void)err_prefix(&err, "line %u", line.number);
		complain(err.msg);
	}
	free(copy);
	free(seen.slots);
}
