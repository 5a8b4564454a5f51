/*
 * The command line: our commands with their options, and NfSen's options,
 * which Getopt::Long took (letters in a bundle, names cut short).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "admin/action.h"
#include "conf/conf_cli.h"

enum { TAKEN = 0, ANSWERED = 1, WRONG = -1 };

/* Where the parser is. */
struct line {
	struct admin *a;
	int argc, i;
	char **argv;
};

static int
unknown(const char *name, size_t n)
{
	(void)fprintf(stderr, "Unknown option: %.*s\n", (int)n, name);
	return WRONG;
}

/* ---- our options ----------------------------------------------------------------- */

/* With a value; offsets into struct admin. */
static const struct {
	const char *name;
	size_t at;
} valued[] = {
	{ "config", offsetof(struct admin, file) },
	{ "source", offsetof(struct admin, source) },
	{ "from", offsetof(struct admin, from) },
	{ "to", offsetof(struct admin, to) },
	{ "last", offsetof(struct admin, last) },
};

static const struct {
	const char *name;
	size_t at;
} flags[] = {
	{ "check", offsetof(struct admin, check) },
	{ "json", offsetof(struct admin, json) },
	{ "yes", offsetof(struct admin, yes) },
	{ "force", offsetof(struct admin, force) },
	{ "now", offsetof(struct admin, now) },
	{ "xml", offsetof(struct admin, xml) },
	{ "shell", offsetof(struct admin, shell) },
};

#define FIELD(a, at, type) ((type *)(void *)((char *)(a) + (at)))

/* ---- NfSen's letters that stand for arguments --------------------------------------- */

static const struct {
	char letter;
	bool valued;
	const char *key; /* or the whole argument */
} letters[] = {
	{ 'D', true, "description" },
	{ 'B', true, "tstart" },
	{ 'E', true, "tend" },
	{ 'e', true, "expire" },
	{ 's', true, "maxsize" },
	{ 'f', true, "filter" },
	{ 'U', false, "locked=0" },
	{ 'L', false, "locked=1" },
	{ 'F', false, "force=1" },
};

static int
take_key(struct line *l, const char *key, const char *value)
{
	struct admin *a = l->a;
	if (a->n_keys == ADMIN_KEYS_MAX) {
		(void)fprintf(stderr, "too many options\n");
		return WRONG;
	}
	a->keys[a->n_keys++] =
	    value == NULL ? key : arena_printf(&a->arena, "%s=%s", key, value);
	return TAKEN;
}

static int
take_action(struct line *l, const struct action *x, const char *object)
{
	if (l->a->action != NULL) {
		(void)printf("Multiple commands not accpeted!\n");
		return WRONG;
	}
	l->a->action = x;
	l->a->object = object;
	return TAKEN;
}

/* ---- names ----------------------------------------------------------------------- */

/* The value behind '=', or the next word; NULL: said. */
static const char *
value_of(struct line *l, const char *name, size_t n, const char *after)
{
	if (after != NULL)
		return after;
	if (l->i + 1 < l->argc)
		return l->argv[++l->i];
	(void)fprintf(stderr, "Option %.*s requires an argument\n", (int)n,
	    name);
	return NULL;
}

static int
take_named_action(struct line *l, const struct action *x, const char *name,
    size_t n, const char *after)
{
	const char *object = NULL;
	if (x->object == NULL && after != NULL) {
		(void)fprintf(stderr, "Option %.*s does not take an argument\n",
		    (int)n, name);
		return WRONG;
	}
	if (x->object != NULL && (object = value_of(l, name, n, after)) == NULL)
		return WRONG;
	return take_action(l, x, object);
}

static bool
is(const char *name, size_t n, const char *word)
{
	return strlen(word) == n && memcmp(name, word, n) == 0;
}

static int
take_name(struct line *l, const char *name)
{
	size_t n = strcspn(name, "=");
	const char *after = name[n] == '=' ? name + n + 1 : NULL;
	for (size_t k = 0; k < sizeof(valued) / sizeof(*valued); k++) {
		if (!is(name, n, valued[k].name))
			continue;
		const char *v = value_of(l, name, n, after);
		*FIELD(l->a, valued[k].at, const char *) = v;
		return v != NULL ? TAKEN : WRONG;
	}
	for (size_t k = 0; k < sizeof(flags) / sizeof(*flags); k++)
		if (is(name, n, flags[k].name)) {
			*FIELD(l->a, flags[k].at, bool) = true;
			return TAKEN;
		}
	if (is(name, n, "help")) {
		help_long(l->a);
		return ANSWERED;
	}
	if (is(name, n, "version")) {
		conf_cli_version(l->argv[0]);
		return ANSWERED;
	}
	const struct action *x = action_option(name, n);
	return x != NULL ? take_named_action(l, x, name, n, after)
			 : unknown(name, n);
}

/* ---- letters --------------------------------------------------------------------- */

/* A letter with a value takes the rest of its word, or the next one. */
static int
take_letter(struct line *l, const char **s)
{
	const char *at = (*s)++;
	const char *rest = **s != '\0' ? *s : NULL;
	const struct action *x = action_letter(*at);
	for (size_t k = 0; k < sizeof(letters) / sizeof(*letters); k++) {
		const char *v = NULL;
		if (letters[k].letter != *at)
			continue;
		if (letters[k].valued) {
			v = value_of(l, at, 1, rest);
			*s = "";
			if (v == NULL)
				return WRONG;
		}
		return take_key(l, letters[k].key, v);
	}
	if (x != NULL) {
		int rc = take_named_action(l, x, at, 1,
		    x->object != NULL ? rest : NULL);
		if (x->object != NULL)
			*s = "";
		return rc;
	}
	switch (*at) {
	case 'y':
		l->a->yes = true;
		return TAKEN;
	case 'S':
		l->a->shell = true;
		return TAKEN;
	case 'h':
		help_long(l->a);
		return ANSWERED;
	case 'V':
		conf_cli_version(l->argv[0]);
		return ANSWERED;
	default:
		return unknown(at, 1);
	}
}

static int
take_letters(struct line *l, const char *s)
{
	int rc = TAKEN;
	while (rc == TAKEN && *s != '\0')
		rc = take_letter(l, &s);
	return rc;
}

/* ---- words ----------------------------------------------------------------------- */

static int
take_word(struct line *l, const char *word)
{
	struct admin *a = l->a;
	if (a->n_words == ADMIN_WORDS_MAX) {
		(void)fprintf(stderr, "too many arguments\n");
		return WRONG;
	}
	a->words[a->n_words++] = word;
	return TAKEN;
}

static void
drop_words(struct admin *a, size_t n)
{
	a->words += n;
	a->n_words -= n;
}

/* "profile add web ..." is "--add-profile web ...". */
static int
take_verb(struct admin *a)
{
	const char *noun = a->command;
	const char *verb = a->n_words > 0 ? a->words[0] : "list";
	const struct action *x = action_words(noun, verb);
	if (x == NULL) {
		(void)fprintf(stderr, "nfsen %s: '%s' is none of:", noun, verb);
		for (size_t i = 0; i < n_actions; i++)
			if (actions[i].noun != NULL &&
			    strcmp(actions[i].noun, noun) == 0)
				(void)fprintf(stderr, " %s", actions[i].verb);
		(void)fprintf(stderr, "\n");
		return WRONG;
	}
	if (x->send == NULL)
		return TAKEN; /* a command of its own */
	drop_words(a, a->n_words > 0);
	if (x->object != NULL && a->n_words == 0) {
		(void)fprintf(stderr, "nfsen %s %s: which %s?\n", noun, verb,
		    noun);
		return WRONG;
	}
	a->action = x;
	if (x->object != NULL) {
		a->object = a->words[0];
		drop_words(a, 1);
	}
	return TAKEN;
}

/* The first word is the command, unless NfSen's options say what to do. */
static int
take_command(struct admin *a)
{
	if (a->action != NULL || a->n_words == 0)
		return TAKEN;
	a->command = a->words[0];
	drop_words(a, 1);
	if (action_noun(a->command))
		return take_verb(a);
	if (a->n_words == 0 ||
	    (a->n_words == 1 && (strcmp(a->command, "top") == 0 ||
				    strcmp(a->command, "forget") == 0)) ||
	    strcmp(a->command, "index") == 0)
		return TAKEN;
	return unknown(a->words[0], strlen(a->words[0]));
}

/* Options that another command would pass over are mistakes. */
static int
only_where_used(const struct admin *a)
{
	const char *command = a->command != NULL ? a->command : "";
	bool period = a->from != NULL || a->to != NULL || a->last != NULL;
	bool source = a->source != NULL;
	if ((a->action != NULL && !period && !source) ||
	    strcmp(command, "takeover") == 0 ||
	    (strcmp(command, "top") == 0 && !source && a->from == NULL &&
		a->to == NULL))
		return TAKEN;
	if (strcmp(command, "exporters") == 0 ||
	    (!period && !source && !a->json) ||
	    (!period && strcmp(command, "interfaces") == 0))
		return TAKEN;
	(void)fprintf(stderr, "--source and --json are for the commands "
			      "exporters and interfaces, --from, --to and "
			      "--last for exporters\n");
	return WRONG;
}

int
admin_options(struct admin *a, int argc, char **argv)
{
	*a = (struct admin){ .argv0 = argv[0] };
	struct line l = { .a = a, .argc = argc, .argv = argv };
	int rc = TAKEN;
	a->words =
	    arena_array(&a->arena, ADMIN_WORDS_MAX + 1, sizeof(*a->words));
	bool words = false; /* behind "--" */
	for (l.i = 1; rc == TAKEN && l.i < argc; l.i++) {
		const char *arg = argv[l.i];
		if (!words && strcmp(arg, "--") == 0)
			words = true;
		else if (words || arg[0] != '-' || arg[1] == '\0')
			rc = take_word(&l, arg);
		else if (arg[1] == '-')
			rc = take_name(&l, arg + 2);
		else
			rc = take_letters(&l, arg + 1);
	}
	if (rc == TAKEN)
		rc = take_command(a);
	return rc == TAKEN ? only_where_used(a) : rc;
}
