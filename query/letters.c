/* letters: the options one by one, as a table says. */
#include <getopt.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nffile/codec.h"
#include "query/options.h"

#define IDENT_MAX (NFFILE_IDENT_MAX - 1)

/* What an option does with its argument, or without one. */
enum effect {
	DO_FLAG, /* a bool becomes true */
	DO_TEXT, /* a text is kept */
	DO_ACTION,
	DO_SET,  /* a function takes the argument */
	DO_PLAIN /* likewise, without an argument or with one that is `=..` */
};

typedef int set_option(struct options *o, const char *text, struct err *err);

struct letter {
	int c;
	enum effect effect;
	size_t at; /* in struct options, of DO_FLAG and DO_TEXT */
	enum action action;
	set_option *set;
	const char *name; /* long: of those without a letter */
	bool with_text;   /* DO_ACTION: the argument goes there as well */
};

/* ---- arguments ------------------------------------------------------------------ */

static int
parse_count(const char *text, uint64_t least, uint64_t most, uint64_t *n)
{
	char *end;
	if (text[0] < '0' || text[0] > '9' || strlen(text) > 19)
		return -1;
	*n = strtoull(text, &end, 10);
	return *end == '\0' && *n >= least && *n <= most ? 0 : -1;
}

static int
set_limit(struct options *o, const char *text, struct err *err)
{
	if (parse_count(text, 1, UINT64_MAX, &o->limit) == -1)
		return err_set(err, "Option -c needs a number > 0, not '%s'",
		    text);
	return 0;
}

static int
set_top(struct options *o, const char *text, struct err *err)
{
	uint64_t n;
	if (parse_count(text, 0, SIZE_MAX, &n) == -1)
		return err_set(err,
		    "Option -n needs a number, 0 for all, not '%s'", text);
	o->top = (size_t)n;
	o->top_given = true;
	return 0;
}

static int
set_threads(struct options *o, const char *text, struct err *err)
{
	uint64_t n;
	if (parse_count(text, 0, 64, &n) == -1)
		return err_set(err,
		    "Option -W needs a number of threads up to 64, 0 for one "
		    "per processor, not '%s'",
		    text);
	o->threads = (unsigned)n;
	return 0;
}

static int
set_order(struct options *o, const char *text, struct err *err)
{
	o->order = order_parse(text, strlen(text));
	if (o->order == -1)
		return err_set(err, "Unknown print order '%s'", text);
	return 0;
}

static int
set_by_start(struct options *o, const char *text, struct err *err)
{
	(void)text;
	(void)err;
	if (o->nfdump)
		(void)fprintf(stderr,
		    "Option -m deprecated. Use '-O tstart' instead\n");
	o->order = ORDER_TSTART;
	return 0;
}

static int
set_both_ways(struct options *o, const char *text, struct err *err)
{
	(void)text;
	(void)err;
	o->aggregate = true;
	o->ways = TWO_WAYS;
	return 0;
}

static int
set_to_server(struct options *o, const char *text, struct err *err)
{
	(void)text;
	(void)err;
	o->aggregate = true;
	o->ways = TO_SERVER;
	return 0;
}

static int
set_mask(struct options *o, const char *text, struct err *err)
{
	o->aggregate = o->masked = true;
	agg_free(&o->agg);
	return agg_parse(&o->agg, text, err);
}

static int
add_stat(struct options *o, const char *text, struct err *err)
{
	struct stat s;
	uint32_t orders;
	int r = stat_parse(&s, text, &orders, err);
	if (r == 1)
		o->record_orders |= orders;
	if (r != 0)
		return r == 1 ? 0 : -1;
	if (o->n_stats == STAT_MAX)
		return err_set(err, "More than %d element statistics",
		    STAT_MAX);
	o->stats[o->n_stats++] = s;
	return 0;
}

/* "256M"; units of 1024. */
static int
set_memory(struct options *o, const char *text, struct err *err)
{
	static const char units[] = "kMGT";
	char *end;
	unsigned long long n = strtoull(text, &end, 10);
	const char *unit = *end != '\0' ? strchr(units, *end) : NULL;
	unsigned shift = unit != NULL ? 10 * (unsigned)(unit - units + 1) : 0;
	if (text[0] < '0' || text[0] > '9' || n == 0 || n > SIZE_MAX >> shift ||
	    end[unit != NULL] != '\0')
		return err_set(err,
		    "Option --memory needs a size as 256M, not '%s'", text);
	o->memory = (size_t)n << shift;
	return 0;
}

/* "1k", "+1k": more than that; "-1k": less. */
static int
set_bound(struct bound *b, const char *text, struct err *err)
{
	static const char units[] = "kKmMgG";
	const char *p = text + (text[0] == '-' || text[0] == '+');
	uint64_t factor = 1;
	char *end;
	unsigned long long n = strtoull(p, &end, 10);
	if (*p < '0' || *p > '9')
		return err_set(err, "Can't understand '%s'", text);
	if (*end == '.')
		end += 1 + strspn(end + 1, "0123456789");
	const char *unit = strchr(units, *end);
	if (unit == NULL)
		return err_set(err, "Can't understand '%c' in '%s'", *end,
		    text);
	for (const char *u = units; *end != '\0' && u <= unit; u += 2)
		factor *= 1000;
	b->kind = text[0] == '-' ? BOUND_BELOW : BOUND_ABOVE;
	b->n = n > UINT64_MAX / factor ? UINT64_MAX : n * factor;
	return 0;
}

static int
set_packets(struct options *o, const char *text, struct err *err)
{
	return set_bound(&o->only.packets, text, err);
}

static int
set_bytes(struct options *o, const char *text, struct err *err)
{
	return set_bound(&o->only.bytes, text, err);
}

static int
set_window(struct options *o, const char *text, struct err *err)
{
	return window_take(text, &o->window, err);
}

/* One of -z, -y and -j. */
static int
set_codec(struct options *o, char letter, const char *text, struct err *err)
{
	if (o->codec_letter != 0 && o->codec_letter != letter)
		return err_set(err,
		    "Use one compression: -z for LZO, -j for BZ2 or -y for "
		    "LZ4, -z=lzo|bz2|lz4[:level]|zstd[:level]");
	o->codec_letter = letter;
	return codec_parse(text, &o->codec, &o->level, err);
}

static int
set_z(struct options *o, const char *text, struct err *err)
{
	if (text == NULL)
		return set_codec(o, 'z', "-z", err);
	if (text[0] == '=')
		return set_codec(o, 'z', text + 1, err);
	return err_set(err,
	    "Option -z takes =lzo, =bz2, =lz4[:level] or =zstd[:level] right "
	    "behind it, not '%s'",
	    text);
}

static int
set_y(struct options *o, const char *text, struct err *err)
{
	(void)text;
	return set_codec(o, 'y', "-y", err);
}

static int
set_j(struct options *o, const char *text, struct err *err)
{
	(void)text;
	return set_codec(o, 'j', "-j", err);
}

/* nfdump's numbers, or names. */
static int
set_recompress(struct options *o, const char *text, struct err *err)
{
	static const char *const numbers[] = { "none", "lzo", "bz2", "lz4",
		"zstd" };
	const char *name = text;
	if (text[0] >= '0' && text[0] <= '4' && text[1] == '\0')
		name = numbers[text[0] - '0'];
	else if (text[0] >= '0' && text[0] <= '9')
		name = "?";
	o->action = ACTION_RECOMPRESS;
	if (codec_parse(name, &o->codec, &o->level, NULL) == 0 && *name != '\0')
		return 0;
	return err_set(err,
	    "Option -J expects 0 or none: uncompressed, 1 or lzo, 2 or bz2, "
	    "3 or lz4[:level], 4 or zstd[:level], not '%s'",
	    text);
}

static int
set_ident(struct options *o, const char *text, struct err *err)
{
	if (text[0] == '\0' || strpbrk(text, " \t\n") != NULL)
		return err_set(err, "Ident must not contain spaces: -i '%s'",
		    text);
	if (strlen(text) > IDENT_MAX)
		return err_set(err,
		    "Option -i needs an ident of at most %d characters, not "
		    "%zu",
		    IDENT_MAX, strlen(text));
	o->ident = text;
	o->action = ACTION_IDENT;
	return 0;
}

/* nfdump's databases of tor exits. */
static int
set_tor(struct options *o, const char *text, struct err *err)
{
	(void)o;
	if (strcmp(text, "none") == 0)
		return 0;
	return err_set(err,
	    "Option -H: databases of tor exits are not supported; 'none' is "
	    "accepted, not '%s'",
	    text);
}

/* nfdump's configuration: there is none of ours. */
static int
set_footer(struct options *o, const char *text, struct err *err)
{
	static const char *const names[] = { [FOOTER_171] = "1.7",
		[FOOTER_16] = "1.6",
		[FOOTER_178] = "1.7.8" };
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(text, names[i]) == 0) {
			o->footer = (enum footer)i;
			return 0;
		}
	}
	return err_set(err, "--footer is 1.6, 1.7 or 1.7.8, not '%s'", text);
}

static int
set_progress(struct options *o, const char *text, struct err *err)
{
	return progress_parse(text, &o->progress, &o->progress_fd, err);
}

/* A name server for nfdump: here the system's is asked. */
static int
ignore(struct options *o, const char *text, struct err *err)
{
	(void)o;
	(void)text;
	(void)err;
	return 0;
}

/* ---- the table ------------------------------------------------------------------ */

#define FLAG(c, field)                                                         \
	{                                                                      \
		(c), DO_FLAG, offsetof(struct options, field), 0, NULL, NULL,  \
		    false                                                      \
	}
#define TEXT(c, field)                                                         \
	{                                                                      \
		(c), DO_TEXT, offsetof(struct options, field), 0, NULL, NULL,  \
		    false                                                      \
	}
#define ACTION(c, action)                                                      \
	{                                                                      \
		(c), DO_ACTION, 0, (action), NULL, NULL, false                 \
	}
#define ACTION_OF(c, action)                                                   \
	{                                                                      \
		(c), DO_ACTION, offsetof(struct options, file), (action),      \
		    NULL, NULL, true                                           \
	}
#define SET(c, set)                                                            \
	{                                                                      \
		(c), DO_SET, 0, 0, (set), NULL, false                          \
	}
#define PLAIN(c, set)                                                          \
	{                                                                      \
		(c), DO_PLAIN, 0, 0, (set), NULL, false                        \
	}
#define LONG(effect, name, field, action)                                      \
	{                                                                      \
		0, (effect), offsetof(struct options, field), (action), NULL,  \
		    (name), false                                              \
	}

static const struct letter letters[] = {
	TEXT('r', files.r),
	TEXT('R', files.R),
	TEXT('M', files.M),
	SET('t', set_window),
	TEXT('f', filter_file),
	TEXT('P', post_text),
	TEXT('G', geo),
	SET('H', set_tor),
	TEXT('C', formats),
	SET('D', ignore),
	SET('c', set_limit),
	SET('n', set_top),
	SET('l', set_packets),
	SET('L', set_bytes),
	SET('W', set_threads),
	FLAG('a', aggregate),
	PLAIN('b', set_both_ways),
	PLAIN('B', set_to_server),
	SET('A', set_mask),
	SET('s', add_stat),
	SET('O', set_order),
	PLAIN('m', set_by_start),
	TEXT('o', mode),
	FLAG('q', quiet),
	FLAG('N', format.plain),
	FLAG('6', format.wide6),
	FLAG('T', format.tag),
	TEXT('w', write),
	PLAIN('z', set_z),
	PLAIN('y', set_y),
	PLAIN('j', set_j),
	SET('J', set_recompress),
	SET('i', set_ident),
	ACTION('I', ACTION_INFO),
	ACTION('g', ACTION_FILES),
	ACTION_OF('v', ACTION_VERIFY),
	ACTION_OF('E', ACTION_SENDERS),
	ACTION_OF('x', ACTION_MAPS),
	ACTION('X', ACTION_DUMP_FILTER),
	ACTION('Z', ACTION_CHECK_FILTER),
	ACTION('V', ACTION_VERSION),
	ACTION('h', ACTION_USAGE),
	LONG(DO_TEXT, "config", config, 0),
	LONG(DO_ACTION, "check", action, ACTION_CHECK_CONFIG),
	LONG(DO_FLAG, "nfdump-exit", nfdump_exit, 0),
	LONG(DO_FLAG, "no-index", no_index, 0),
	LONG(DO_ACTION, "explain", action, ACTION_EXPLAIN),
	{ 0, DO_SET, 0, 0, set_memory, "memory", false },
	{ 0, DO_SET, 0, 0, set_footer, "footer", false },
	{ 0, DO_SET, 0, 0, set_progress, "progress", false },
};
#define LETTERS (sizeof(letters) / sizeof(letters[0]))

/* ---- taking them ---------------------------------------------------------------- */

/* The first of them is meant, but -I comes before -g. */
static void
take_action(struct options *o, enum action action)
{
	if (o->action == ACTION_QUERY ||
	    (o->action == ACTION_FILES && action == ACTION_INFO))
		o->action = action;
}

static int
take(struct options *o, const struct letter *l, const char *arg,
    struct err *err)
{
	char *at = (char *)o + l->at;
	bool yes = true;
	switch (l->effect) {
	case DO_FLAG:
		memcpy(at, &yes, sizeof(yes));
		return 0;
	case DO_ACTION:
		take_action(o, l->action);
		if (l->with_text)
			memcpy(at, &arg, sizeof(arg));
		return 0;
	case DO_TEXT:
		memcpy(at, &arg, sizeof(arg));
		return 0;
	case DO_SET:
	case DO_PLAIN:
		break;
	}
	return l->set(o, arg, err);
}

static bool
has_argument(const struct letter *l)
{
	return l->effect == DO_TEXT || l->effect == DO_SET || l->with_text;
}

/* The table for getopt_long; short has three bytes a letter and two. */
static void
make_getopt(char *brief, struct option *named)
{
	*brief++ = ':';
	for (size_t i = 0; i < LETTERS; i++) {
		const struct letter *l = &letters[i];
		if (l->name != NULL) {
			*named++ = (struct option){ l->name,
				has_argument(l) ? required_argument
						: no_argument,
				NULL, 256 + (int)i };
			continue;
		}
		*brief++ = (char)l->c;
		if (l->set == set_z || has_argument(l))
			*brief++ = ':';
		if (l->set == set_z)
			*brief++ = ':';
	}
	*brief = '\0';
	*named = (struct option){ 0 };
}

static const struct letter *
find(int c)
{
	if (c >= 256)
		return &letters[c - 256];
	for (size_t i = 0; i < LETTERS; i++)
		if (letters[i].c == c)
			return &letters[i];
	return NULL;
}

/* How the user wrote what getopt stopped at. */
static const char *
written(char **argv, char *letter)
{
	if (optopt == 0 || optopt >= 256)
		return argv[optind - 1];
	letter[0] = '-';
	letter[1] = (char)optopt;
	letter[2] = '\0';
	return letter;
}

int
letters_parse(struct options *o, int argc, char **argv, int *status,
    struct err *err)
{
	char brief[3 * LETTERS + 2], letter[3];
	struct option named[LETTERS + 1];
	int c;
	make_getopt(brief, named);
	optind = 0; /* begin anew, whatever was parsed before */
	opterr = 0;
	*status = EXIT_USAGE;
	while ((c = getopt_long(argc, argv, brief, named, NULL)) != -1) {
		if (c == ':')
			return err_set(err, "option '%s' needs an argument",
			    written(argv, letter));
		if (c == '?')
			return err_set(err,
			    "unknown option '%s' (-h shows them all)",
			    written(argv, letter));
		if (take(o, find(c), optarg, err) == -1) {
			*status = EXIT_ARGS;
			return -1;
		}
	}
	return 0;
}
