/* Commands that tell what there is: profiles, channels, settings. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <time.h>

#include "base/file.h"
#include "conf/plugins.h"
#include "conf/value.h"
#include "profiler/cmd.h"

#define NFSEN_VERSION "1.3.11" /* the one that pages expect */
#define RRD_OFFSET    "67"     /* of the plot in its image, RRDtool 1.x */
#define NFSTAT_MAX    4096     /* bytes of .nfstat */

/* ---- settings for the pages ------------------------------------------------- */

/* Pages evaluate the line: nothing in a value may end its string. */
static void
add_global(struct cmd *c, const char *name, const char *value)
{
	struct buf text = BUF_EMPTY;
	for (const char *s = value; *s != '\0'; s++) {
		if (strchr("\\\"$", *s) != NULL)
			buf_addc(&text, '\\');
		buf_addc(&text, *s);
	}
	ctl_reply_add_array(c->reply, "globals", "$%s = \"%s\";", name,
	    buf_str(&text));
	buf_free(&text);
}

static void
add_number(struct cmd *c, const char *name, long n)
{
	add_global(c, name, arena_printf(&c->arena, "%ld", n));
}

static void
globals(struct cmd *c)
{
	const struct conf *conf = c->p->conf;
	const char *plugins = cmd_setting(c, "$FRONTEND_PLUGINDIR");
	const char *offset = cmd_setting(c, "$RRDoffset");
	time_t now = time(NULL);
	struct tm tm;
	(void)localtime_r(&now, &tm);
	add_number(c, "SUBDIRLAYOUT", conf->subdirlayout);
	add_global(c, "FRONTEND_PLUGINDIR", plugins != NULL ? plugins : "");
	add_global(c, "RRDoffset", offset != NULL ? offset : RRD_OFFSET);
	add_number(c, "CYCLETIME", conf->cycletime);
	add_number(c, "Refresh", conf->refresh);
	ctl_reply_add_array(c->reply, "globals", "$GMToffset = %ld;",
	    tm.tm_gmtoff);
	add_global(c, "TZname", tm.tm_zone);
	add_global(c, "AllowsSystemCMD",
	    cmd_setting(c, "$AllowsSystemCMD") != NULL
		? cmd_setting(c, "$AllowsSystemCMD")
		: "0");
	add_global(c, "version", NFSEN_VERSION);
	ctl_reply_ok(c->reply, "command completed.");
}

/* ---- the disk ---------------------------------------------------------------- */

/* Per cent as df has it: of what users may have, rounded up. */
static unsigned
used_percent(const struct statvfs *v)
{
	uint64_t used = v->f_blocks - v->f_bfree;
	uint64_t all = used + v->f_bavail;
	return all == 0 ? 0 : (unsigned)((used * 100 + all - 1) / all);
}

static void
disk_usage(struct cmd *c)
{
	const char *dir = c->p->conf->profiledatadir;
	int limit = c->p->conf->disklimit;
	struct statvfs v;
	if (statvfs(dir, &v) == -1) {
		ctl_reply_err(c->reply, "%s: %s", dir, strerror(errno));
		return;
	}
	unsigned percent = used_percent(&v);
	uint64_t unit = v.f_frsize;
	ctl_reply_note(c->reply, "Limit: %d on %s", limit, dir);
	ctl_reply_note(c->reply,
	    "du line: %" PRIu64 " %" PRIu64 " %" PRIu64 " %u%% %s",
	    (uint64_t)v.f_blocks * unit / 1024,
	    (uint64_t)(v.f_blocks - v.f_bfree) * unit / 1024,
	    (uint64_t)v.f_bavail * unit / 1024, percent, dir);
	if (limit > 0 && percent > (unsigned)limit)
		ctl_reply_alert(c->reply,
		    "Your PROFILEDATADIR %s is %u%% full!", dir, percent);
	else
		ctl_reply_ok(c->reply, "command completed");
}

/* ---- lists --------------------------------------------------------------------- */

static void
profile_names(struct cmd *c)
{
	struct profile_list l;
	ops_tidy_groups(c->p->conf);
	if (profile_list(c->p->conf, &c->arena, &l, &c->err) == -1) {
		cmd_fail(c);
		return;
	}
	for (size_t i = 0; i < l.n; i++)
		ctl_reply_add_array(c->reply, "profiles", "%s/%s",
		    l.ids[i].group, l.ids[i].name);
	ctl_reply_ok(c->reply, "Profile Listing");
}

static void
group_names(struct cmd *c)
{
	struct profile_groups g;
	if (profile_groups(c->p->conf, &c->arena, &g, &c->err) == -1) {
		cmd_fail(c);
		return;
	}
	for (size_t i = 0; i < g.n; i++)
		ctl_reply_add_array(c->reply, "profilegroups", "%s",
		    g.names[i]);
	ctl_reply_ok(c->reply, "Profile Listing");
}

static void
frontend_plugins(struct cmd *c)
{
	const char *dir = cmd_setting(c, "$FRONTEND_PLUGINDIR");
	const char **names;
	size_t n = conf_plugin_names(c->p->conf, &c->arena, &names);
	for (size_t i = 0; i < n; i++) {
		char path[FILE_PATH_MAX];
		const char *page = arena_printf(&c->arena, "%s.php", names[i]);
		if (dir != NULL && file_join(path, dir, page) &&
		    file_exists(path))
			ctl_reply_add_array(c->reply, "frontendplugins", "%s",
			    names[i]);
	}
	ctl_reply_ok(c->reply, "Listing complete");
}

/* ---- one profile ----------------------------------------------------------------- */

static void
add_profile(struct ctl_reply *reply, const struct profile *p)
{
	ctl_reply_add(reply, "name", "%s", p->name);
	ctl_reply_add(reply, "group", "%s", p->group);
	ctl_reply_add(reply, "tbegin", "%" PRId64, p->tbegin);
	ctl_reply_add(reply, "tcreate", "%" PRId64, p->tcreate);
	ctl_reply_add(reply, "tstart", "%" PRId64, p->tstart);
	ctl_reply_add(reply, "tend", "%" PRId64, p->tend);
	ctl_reply_add(reply, "updated", "%" PRId64, p->updated);
	ctl_reply_add(reply, "expire", "%" PRId64, p->expire);
	ctl_reply_add(reply, "maxsize", "%" PRIu64, p->maxsize);
	ctl_reply_add(reply, "size", "%" PRIu64, p->size);
	ctl_reply_add(reply, "type", "%d", p->type);
	ctl_reply_add(reply, "locked", "%d", p->locked);
	ctl_reply_add(reply, "status", "%s", p->status);
	ctl_reply_add(reply, "version", "%d", p->version);
	cmd_add_lines(reply, "description", p->description);
}

static void
add_channels(struct cmd *c, const struct profile *p)
{
	size_t *order =
	    arena_array(&c->arena, p->n_channels + 1, sizeof(*order));
	struct buf text = BUF_EMPTY;
	profile_draw_order(p, order);
	for (size_t i = 0; i < p->n_channels; i++) {
		buf_clear(&text);
		profile_print_channel(&p->channels[order[i]], &text);
		ctl_reply_add_array(c->reply, "channel", "%s", buf_str(&text));
	}
	buf_free(&text);
}

/* Overview pictures are drawn when they are asked for: once there is data. */
static bool
has_graphs(const struct profile *p)
{
	return strcmp(p->status, "new") != 0 &&
	       strncmp(p->status, "built", 5) != 0;
}

static void
profile(struct cmd *c)
{
	struct profile *p = cmd_load_profile(c, NULL);
	if (p == NULL)
		return;
	add_profile(c->reply, p);
	add_channels(c, p);
	ctl_reply_add(c->reply, "graphs", "%s", has_graphs(p) ? "ok" : "no");
	ctl_reply_ok(c->reply, "Command completed");
	profile_free(p);
}

/* ---- one channel ------------------------------------------------------------------- */

/* "group/name" as it stands in texts and paths; the name alone in none. */
static const char *
profile_path(struct cmd *c, const struct profile *p)
{
	if (strcmp(p->group, ".") == 0)
		return arena_strdup(&c->arena, p->name);
	return arena_printf(&c->arena, "%s/%s", p->group, p->name);
}

/* All lines "key=value"; -1: one that must be there is not. */
static int
add_stat_lines(struct cmd *c, const char *text)
{
	static const char *const keys[] = { "first", "last", "size", "maxsize",
		"numfiles", "lifetime", "watermark", "status" };
	bool found[sizeof(keys) / sizeof(keys[0])] = { false };
	while (*text != '\0') {
		size_t n = strcspn(text, "\n");
		size_t k = strcspn(text, "=\n");
		for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
			found[i] |= strlen(keys[i]) == k && k < n &&
				    memcmp(keys[i], text, k) == 0;
		if (k > 0 && k < n)
			ctl_reply_add(c->reply,
			    arena_strndup(&c->arena, text, k), "%.*s",
			    (int)(n - k - 1), text + k + 1);
		text += n + (text[n] == '\n');
	}
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (!found[i])
			return err_set(&c->err,
			    "Error reading channel stat information. "
			    "Missing key '%s'",
			    keys[i]);
	return 0;
}

static int
add_channel_stat(struct cmd *c, const struct profile *p, const char *channel)
{
	char dir[FILE_PATH_MAX], path[FILE_PATH_MAX];
	struct buf text = BUF_EMPTY;
	if (p->type & PROFILE_SHADOW)
		return err_set(&c->err, "Profile is a shadow profile.");
	if (profile_find_channel(p, channel) == NULL ||
	    !profile_data_path(c->p->conf, p->group, p->name, channel, dir) ||
	    !file_join(path, dir, ".nfstat") || !file_exists(path))
		return err_set(&c->err,
		    "Channel info file missing for channel '%s' in '%s'",
		    channel, profile_path(c, p));
	int rc = file_read(path, NFSTAT_MAX, &text, &c->err);
	if (rc == 0)
		rc = add_stat_lines(c, buf_str(&text));
	buf_free(&text);
	return rc;
}

static void
channel_stat(struct cmd *c)
{
	const char *channel;
	struct profile *p = cmd_load_profile(c, &channel);
	if (p == NULL)
		return;
	if (channel == NULL)
		ctl_reply_err(c->reply, "profile and channel required.");
	else if (add_channel_stat(c, p, channel) == -1) {
		buf_clear(&c->reply->data);
		cmd_fail(c);
	} else
		ctl_reply_ok(c->reply, "Command completed");
	profile_free(p);
}

static int
add_channel_filter(struct cmd *c, const struct profile *p, const char *channel)
{
	struct buf text = BUF_EMPTY;
	if (profile_find_channel(p, channel) == NULL)
		return err_set(&c->err, "no such channel");
	if (!profile_has_filter(c->p->conf, p, channel))
		return err_set(&c->err, "Error reading filter - %s",
		    strerror(ENOENT));
	int rc = profile_filter_read(c->p->conf, p, channel, &text, &c->err);
	if (rc == 0)
		cmd_add_lines(c->reply, "filter", buf_str(&text));
	else
		(void)err_prefix(&c->err, "Error reading filter - ");
	buf_free(&text);
	return rc;
}

static void
channel_filter(struct cmd *c)
{
	const char *channel;
	struct profile *p = cmd_load_profile(c, &channel);
	if (p == NULL)
		return;
	if (channel == NULL)
		ctl_reply_err(c->reply, "profile and channel required.");
	else if (add_channel_filter(c, p, channel) == -1)
		cmd_fail(c);
	else
		ctl_reply_ok(c->reply, "Command completed");
	profile_free(p);
}

const struct cmd_entry cmd_get[] = {
	{ "get-globals", globals },
	{ "get-du", disk_usage },
	{ "get-profilelist", profile_names },
	{ "get-profilegroups", group_names },
	{ "get-frontendplugins", frontend_plugins },
	{ "get-profile", profile },
	{ "get-channelstat", channel_stat },
	{ "get-channelfilter", channel_filter },
	{ NULL, NULL },
};
