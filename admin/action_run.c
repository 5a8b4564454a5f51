/* Arguments of an action, asking, showing the answer. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "admin/action.h"
#include "base/file.h"

#define FILTER_FILE_MAX (1024 * 1024)
#define ARGS_MAX        4000

/* ---- arguments ----------------------------------------------------------------- */

struct args {
	struct admin *a;
	const char **v;
	size_t n;
};

static int
add(struct args *x, struct err *err, const char *arg)
{
	if (x->n == ARGS_MAX)
		return err_set(err, "more than %d arguments", ARGS_MAX);
	x->v[x->n++] = arg;
	return 0;
}

/* "_key=line" for each line of the text. */
static int
add_lines(struct args *x, const char *key, const char *text, struct err *err)
{
	do {
		size_t n = strcspn(text, "\n");
		const char *arg =
		    arena_printf(&x->a->arena, "_%s=%.*s", key, (int)n, text);
		if (add(x, err, arg) == -1)
			return -1;
		text += n + (text[n] == '\n');
	} while (*text != '\0');
	return 0;
}

/* The file is read here, with the rights of who asks. */
static int
add_file(struct args *x, const char *path, struct err *err)
{
	struct buf text = BUF_EMPTY;
	int rc = file_read(path, FILTER_FILE_MAX, &text, err);
	if (rc == 0)
		rc = add_lines(x, "filter", buf_str(&text), err);
	buf_free(&text);
	return rc;
}

/* NfSen's help has names that its daemon never knew. */
static const char *
real_key(const char *key)
{
	if (strcmp(key, "size") == 0)
		return "maxsize";
	return strcmp(key, "lock") == 0 ? "locked" : key;
}

static bool
is_key(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!isalnum((unsigned char)s[i]) && s[i] != '_')
			return false;
	return n > 0;
}

/* "key=value", or a word alone, which means that it is so. */
static int
add_word(struct args *x, const char *word, struct err *err)
{
	struct arena *arena = &x->a->arena;
	size_t n = strcspn(word, "=");
	if (!is_key(word, n))
		return err_set(err, "ERR key format error: '%s'", word);
	const char *key = real_key(arena_strndup(arena, word, n));
	if (word[n] == '\0')
		return add(x, err, arena_printf(arena, "%s=1", key));
	const char *value = word + n + 1;
	if (strcmp(key, "filterfile") == 0)
		return add_file(x, value, err);
	if (strcmp(key, "description") == 0 || strcmp(key, "filter") == 0 ||
	    strcmp(key, "condition") == 0)
		return add_lines(x, key, value, err);
	return add(x, err, arena_printf(arena, "%s=%s", key, value));
}

const char *const *
action_args(struct admin *a, struct err *err)
{
	struct args x = { .a = a };
	int rc = 0;
	x.v = arena_array(&a->arena, ARGS_MAX + 1, sizeof(*x.v));
	if (a->action->object != NULL)
		rc = add(&x, err,
		    arena_printf(&a->arena, "%s=%s", a->action->object,
			a->object));
	if (rc == 0 && a->action->fixed != NULL)
		rc = add(&x, err, a->action->fixed);
	for (size_t i = 0; rc == 0 && i < a->n_keys; i++)
		rc = add_word(&x, a->keys[i], err);
	for (size_t i = 0; rc == 0 && i < a->n_words; i++)
		rc = add_word(&x, a->words[i], err);
	return rc == 0 ? x.v : NULL;
}

/* The last value of a key among the arguments, or NULL. */
static const char *
arg_value(const char *const *args, const char *key)
{
	const char *value = NULL;
	size_t n = strlen(key);
	for (; *args != NULL; args++)
		if (strncmp(*args, key, n) == 0 && (*args)[n] == '=')
			value = *args + n + 1;
	return value;
}

/* ---- showing ------------------------------------------------------------------- */

static void
show_names(const struct action *x, const struct ctl_result *r)
{
	size_t n = 0;
	for (size_t i = 0; i < r->n; i++) {
		const char *name = r->data[i].value;
		if (strcmp(r->data[i].key, x->key) != 0)
			continue;
		/* No group is no group. */
		if (strcmp(name, ".") == 0)
			continue;
		(void)printf("%s\n",
		    strncmp(name, "./", 2) == 0 ? name + 2 : name);
		n++;
	}
	if (n == 0)
		(void)printf("%s\n", x->text);
}

static void
show_values(const struct action *x, const struct ctl_result *r)
{
	for (size_t i = 0; i < r->n; i++)
		if (x->show == SHOW_VALUES)
			(void)printf("%s\t%s\n", r->data[i].key,
			    r->data[i].value);
		else if (strcmp(r->data[i].key, x->key) == 0)
			(void)printf("%s\n", r->data[i].value);
}

/*
 * The profile that was changed, as an argument of get-profile: a channel's
 * name may hold it, newgroup has moved it.
 */
static const char *
profile_of(struct admin *a, const char *const *args)
{
	const char *profile = arg_value(args, "profile");
	const char *group = arg_value(args, "profilegroup");
	const char *moved = arg_value(args, "newgroup");
	const char *channel = arg_value(args, "channel");
	const char *slash = channel != NULL ? strrchr(channel, '/') : NULL;
	if (profile == NULL && slash != NULL)
		profile = arena_strndup(&a->arena, channel,
		    (size_t)(slash - channel));
	if (profile == NULL)
		profile = "";
	slash = strrchr(profile, '/');
	if (moved != NULL)
		return arena_printf(&a->arena, "profile=%s/%s", moved,
		    slash != NULL ? slash + 1 : profile);
	if (group != NULL && slash == NULL)
		return arena_printf(&a->arena, "profile=%s/%s", group, profile);
	return arena_printf(&a->arena, "profile=%s", profile);
}

/* An answer that is ERR is shown as NfSen shows it. */
static bool
refused(const struct admin *a, const struct ctl_result *r)
{
	if (ctl_status_ok(r))
		return false;
	if (a->json)
		(void)fprintf(stderr, "%s\n", r->status);
	else
		(void)printf("%s\n\n", r->status);
	return true;
}

static int
show_profile(struct admin *a, struct ctl_client *c, const char *const *args,
    struct ctl_result *r, struct err *err)
{
	if (strcmp(a->action->send, "get-profile") != 0) {
		const char *const which[] = { profile_of(a, args), NULL };
		ctl_result_free(r);
		if (ctl_call(c, "get-profile", which, r, err) == -1)
			return -1;
		if (refused(a, r))
			return 1;
	}
	if (!a->json)
		return listing_profile(c, r, err);
	listing_json(r);
	return 0;
}

static int
show(struct admin *a, struct ctl_client *c, const char *const *args,
    struct ctl_result *r, struct err *err)
{
	const struct action *x = a->action;
	if (x->show == SHOW_PROFILE)
		return show_profile(a, c, args, r, err);
	if (a->json)
		listing_json(r);
	else if (x->show == SHOW_NAMES)
		show_names(x, r);
	else if (x->show == SHOW_STATUS)
		(void)printf("%s\n",
		    x->text != NULL ? x->text
				    : r->status + strcspn(r->status, " ") +
					  (strchr(r->status, ' ') != NULL));
	else
		show_values(x, r);
	return 0;
}

/* ---- asking -------------------------------------------------------------------- */

static void
info(void *ctx, const char *text)
{
	(void)ctx;
	(void)printf("Info: %s\n", text);
	(void)fflush(stdout);
}

#define ANSWER_MS 300000 /* between two lines: a rebuild tells its progress */

int
action_connect(const struct conf *c, struct ctl_client *client)
{
	struct err err;
	if (ctl_connect(client, c->commsocket, ANSWER_MS, &err) == 0)
		return 0;
	/* NfSen's words, then what we know. */
	const char *cause = strrchr(err.msg, ':');
	(void)printf("Can not connect to nfsend: %s\n",
	    cause != NULL ? cause + 2 : err.msg);
	(void)fflush(stdout);
	(void)fprintf(stderr, "%s\n", err.msg);
	return -1;
}

static int
ask(struct admin *a, struct ctl_client *c, const char *const *args)
{
	struct ctl_result r;
	struct err err;
	c->info = a->json ? NULL : info;
	if (ctl_call(c, a->action->send, args, &r, &err) == -1)
		return admin_fail(&err);
	int rc = refused(a, &r) ? 1 : show(a, c, args, &r, &err);
	ctl_result_free(&r);
	if (rc == -1)
		return admin_fail(&err);
	return rc == 0 ? EXIT_OK : EXIT_FAILED;
}

int
action_run(struct admin *a)
{
	struct ctl_client client;
	struct err err;
	const char *const *args = action_args(a, &err);
	if (args == NULL) {
		if (strncmp(err.msg, "ERR ", 4) != 0)
			return admin_fail(&err);
		(void)printf("%s\n\n", err.msg);
		return EXIT_FAILED;
	}
	if (action_connect(a->c, &client) == -1)
		return EXIT_NO_DAEMON;
	int rc = ask(a, &client, args);
	ctl_close(&client);
	return rc;
}
