/*
 * action: what nfsen asks the profiler to do.  Each has NfSen's option
 * ("--add-profile web"), words for people ("profile add web"), or both, and
 * is one command on COMMSOCKET.
 */
#ifndef ADMIN_ACTION_H
#define ADMIN_ACTION_H

#include "admin/admin.h"
#include "ctl/ctl.h"

/* How the answer is shown. */
enum action_show {
	SHOW_NAMES,   /* a list, one a line */
	SHOW_LINES,   /* the lines of a text */
	SHOW_VALUES,  /* key TAB value */
	SHOW_PROFILE, /* the profile, after a change as it is then */
	SHOW_STATUS   /* the answer's own words, or `text` */
};

struct action {
	const char *option;      /* NfSen's, without "--"; NULL: none */
	char letter;             /* its short form, or 0 */
	const char *noun, *verb; /* NULL: the option only */
	const char *send;        /* the command */
	const char *object; /* key of the object it needs; NULL: it has none */
	const char *fixed;  /* an argument that always goes along, or NULL */
	enum action_show show;
	const char *key;   /* of the lines shown */
	const char *text;  /* NAMES: when there are none; STATUS: on success */
	const char *takes; /* its further arguments, for help */
	const char *does;
};

extern const struct action actions[];
extern const size_t n_actions;

/* By NfSen's option, also shortened as far as it is plain; or its letter. */
const struct action *action_option(const char *name, size_t n);
const struct action *action_letter(char c);

/* NULL: there is no such noun or verb. */
const struct action *action_words(const char *noun, const char *verb);
bool action_noun(const char *noun);

/*
 * The arguments of a->object, a->keys and a->words as the protocol's
 * "key=value" strings, ended by NULL, in a's arena.  NULL: err.
 */
const char *const *action_args(struct admin *a, struct err *err);

/* Do a->action and show what came of it. */
int action_run(struct admin *a);

/* nfsen --shell: the protocol by hand. */
int action_shell(struct admin *a);

/*
 * Connect to the profiler; -1: said, as NfSen says it (EXIT_NO_DAEMON is the
 * status then).
 */
int action_connect(const struct conf *c, struct ctl_client *client);

/* ---- showing (listing.c) ---------------------------------------------------- */

/* A profile as NfSen lists it; asks for its channels' sizes.  -1: err. */
int listing_profile(struct ctl_client *c, const struct ctl_result *profile,
    struct err *err);

/* Any answer: values as strings, lists as arrays, channels as objects. */
void listing_json(const struct ctl_result *r);

/* ---- help ------------------------------------------------------------------- */

void help_short(const struct admin *a);
void help_long(const struct admin *a);
/* Words that complete "nfsen profile ..." in bash or zsh. */
int cmd_completion(struct admin *a);

#endif
