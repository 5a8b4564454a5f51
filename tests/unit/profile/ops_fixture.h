/*
 * A tree like one that NfSen has worked on for a while, and operations on it
 * as one line of text.
 */
#ifndef TESTS_PROFILE_OPS_FIXTURE_H
#define TESTS_PROFILE_OPS_FIXTURE_H

#include "picture.h"

#define LIVE_START INT64_C(1795402800) /* 2026-11-23 03:00 UTC */
#define LIVE_END   INT64_C(1795413300) /* 2026-11-23 05:55 */
#define NOW        INT64_C(1795413740) /* in the slot after it */
#define SLOT       INT64_C(1795413600)

#define SOURCES                                                                \
	"'upstream1' => { 'port' => '0', 'col' => '#0000ff' }, "               \
	"'peer1' => { 'port' => '0', 'col' => '#00b000' }, "                   \
	"'peer2' => { 'port' => '0', 'col' => '#ff8000' }"

static struct conf *tree;

static inline void
make_file(const struct profile *p, const char *name, const char *text)
{
	char path[FILE_PATH_MAX];
	ck_assert(profile_stat_path(tree, p->group, p->name, name, path));
	ck_assert_int_eq(file_write_atomic(path, text, strlen(text), 0664,
			     &err),
	    0);
}

static inline void
make_folder(bool data, const char *group, const char *name, const char *channel)
{
	char path[FILE_PATH_MAX];
	ck_assert(data ? profile_data_path(tree, group, name, channel, path)
		       : profile_stat_path(tree, group, name, NULL, path));
	ck_assert_int_eq(file_mkdirs(path, 0775, &err), 0);
}

/* A channel as text: name, sign and sources; one flow file is in it. */
static inline void
make_channel(struct profile *p, const char *name, char sign)
{
	struct buf file = BUF_EMPTY;
	char dir[FILE_PATH_MAX];
	char path[FILE_PATH_MAX];
	struct channel *ch = profile_add_channel(p, name);
	ch->sign = sign;
	ch->color = "#3366cc";
	ch->sources = arena_array(&p->arena, 2, sizeof(*ch->sources));
	ch->sources[0] = "upstream1";
	ch->sources[1] = "peer1";
	ch->n_sources = 2;
	profile_renumber(p);
	buf_printf(&file, "%s-filter.txt", name);
	make_file(p, buf_str(&file), "proto tcp\n");
	buf_clear(&file);
	buf_printf(&file, "%s.rrd", name);
	make_file(p, buf_str(&file), "no database");
	buf_free(&file);
	make_folder(true, p->group, p->name, name);
	ck_assert(profile_data_path(tree, p->group, p->name, name, dir));
	ck_assert(file_join(path, dir, "nfcapd.202611230555"));
	if ((p->type & PROFILE_SHADOW) == 0)
		ck_assert_int_eq(file_write_atomic(path, "x", 1, 0664, &err),
		    0);
}

static inline struct profile *
make_profile(const char *group, const char *name, int type, const char *status)
{
	struct profile *p = profile_new(group, name);
	p->type = type;
	p->status = status;
	p->tcreate = LIVE_START;
	p->tbegin = LIVE_START - 7200;
	p->tstart = LIVE_START;
	p->tend = LIVE_END;
	p->updated = LIVE_END;
	p->size = type & PROFILE_SHADOW ? 0 : 4096;
	make_folder(false, group, name, NULL);
	make_folder(true, group, name, NULL);
	return p;
}

static inline void
keep_profile(struct profile *p)
{
	ck_assert_msg(profile_save(tree, p, &err) == 0, "%s", err.msg);
	profile_free(p);
}

static inline void
make_one(const char *group, const char *name, int type, const char *status,
    const char *channel)
{
	struct profile *p = make_profile(group, name, type, status);
	if (channel != NULL)
		make_channel(p, channel, '+');
	p->locked = strcmp(name, "frozen") == 0;
	keep_profile(p);
}

static inline void
make_group(const char *group)
{
	char path[FILE_PATH_MAX];
	make_folder(false, ".", group, NULL);
	make_folder(true, ".", group, NULL);
	ck_assert(profile_stat_path(tree, ".", group, ".group", path));
	ck_assert_int_eq(file_write_atomic(path, "", 0, 0664, &err), 0);
	ck_assert(profile_data_path(tree, ".", group, ".group", path));
	ck_assert_int_eq(file_write_atomic(path, "", 0, 0664, &err), 0);
}

/* live, and the profiles of the README beside NfSen's recorded dialogues. */
static inline void
ops_setup(void)
{
	fixture_setup();
	tree = fixture_conf(SOURCES, "");
	fixture_reconfig(tree, LIVE_START);
	struct profile *live = profile_load(tree, ".", "live", &err);
	ck_assert_msg(live != NULL, "%s", err.msg);
	live->tend = LIVE_END;
	live->updated = LIVE_END;
	keep_profile(live);
	struct profile *web =
	    make_profile(".", "web", PROFILE_CONTINUOUS, "OK");
	web->expire = 336;
	web->maxsize = 524288000;
	web->description = "Web traffic";
	make_channel(web, "https", '+');
	make_channel(web, "http", '+');
	make_channel(web, "quic", '-');
	keep_profile(web);
	make_group("services");
	make_one("services", "dns", PROFILE_CONTINUOUS + PROFILE_SHADOW, "OK",
	    "query");
	make_one("services", "mail", PROFILE_CONTINUOUS, "OK", "smtp");
	make_one(".", "incident", PROFILE_HISTORY, "OK", "all");
	make_one(".", "frozen", PROFILE_CONTINUOUS, "OK", "icmp");
	make_one(".", "draft", PROFILE_CONTINUOUS, "new", "ssh");
	make_one(".", "stall", PROFILE_CONTINUOUS, "stalled", NULL);
}

static inline void
ops_teardown(void)
{
	conf_free(tree);
	tree = NULL;
	fixture_teardown();
}

/* ---- operations as text --------------------------------------------------------- */

static struct ops_result res;

static inline int
run_op(const char *command, const struct ops_request *r)
{
	if (strcmp(command, "add-profile") == 0)
		return ops_add_profile(tree, r, NOW, &res, &err);
	if (strcmp(command, "commit-profile") == 0)
		return ops_commit_profile(tree, r, NOW, &res, &err);
	if (strcmp(command, "cancel-profile") == 0)
		return ops_cancel_profile(tree, r, &res, &err);
	if (strcmp(command, "modify-profile") == 0)
		return ops_modify_profile(tree, r, NOW, &res, &err);
	if (strcmp(command, "delete-profile") == 0)
		return ops_delete_profile(tree, r, &res, &err);
	if (strcmp(command, "add-channel") == 0)
		return ops_add_channel(tree, r, NOW, &res, &err);
	if (strcmp(command, "modify-channel") == 0)
		return ops_modify_channel(tree, r, &res, &err);
	ck_assert_str_eq(command, "delete-channel");
	return ops_delete_channel(tree, r, NOW, &res, &err);
}

/* "command;key=value;..." -> "OK text" or "ERR text". */
static inline const char *
say(const char *line)
{
	static char answer[ERR_MAX + 8];
	struct ops_request r = OPS_REQUEST;
	char *text = strdup(line);
	char *next = text;
	const char *command = strsep(&next, ";");
	for (char *arg; (arg = strsep(&next, ";")) != NULL;) {
		char *eq = strchr(arg, '=');
		ck_assert_ptr_nonnull(eq);
		*eq = '\0';
		ck_assert_msg(ops_set(&r, arg, eq + 1) == 0, "%s", arg);
	}
	bool ok = run_op(command, &r) == 0;
	(void)snprintf(answer, sizeof(answer), "%s %s", ok ? "OK" : "ERR",
	    ok ? res.text : err.msg);
	ops_request_free(&r);
	free(text);
	return answer;
}

#endif
