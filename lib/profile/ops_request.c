/* What is asked of an operation, and which profile and channel it is about. */
#include <string.h>

#include "base/file.h"
#include "profile/internal.h"
#include "profile/ops.h"

/* ---- arguments ------------------------------------------------------------------ */

static const char **
text_of(struct ops_request *r, const char *key)
{
	const struct {
		const char *key;
		const char **to;
	} keys[] = {
		{ "profile", &r->profile },
		{ "profilegroup", &r->profilegroup },
		{ "channel", &r->channel },
		{ "tstart", &r->tstart },
		{ "tend", &r->tend },
		{ "expire", &r->expire },
		{ "maxsize", &r->maxsize },
		{ "shadow", &r->shadow },
		{ "locked", &r->locked },
		{ "status", &r->status },
		{ "newgroup", &r->newgroup },
		{ "profile_type", &r->profile_type },
		{ "colour", &r->colour },
		{ "color", &r->colour },
		{ "sign", &r->sign },
		{ "order", &r->order },
		{ "sourcelist", &r->sourcelist },
		{ "force", &r->force },
	};
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (strcmp(keys[i].key, key) == 0)
			return keys[i].to;
	return NULL;
}

static struct ops_lines *
lines_of(struct ops_request *r, const char *key)
{
	if (strcmp(key, "description") == 0)
		return &r->description;
	return strcmp(key, "filter") == 0 ? &r->filter : NULL;
}

int
ops_set(struct ops_request *r, const char *key, const char *value)
{
	const char **to = text_of(r, key);
	struct ops_lines *l = lines_of(r, key);
	if (to != NULL)
		*to = value;
	if (l != NULL) {
		l->given = true;
		buf_adds(&l->text, value);
		buf_addc(&l->text, '\n');
	}
	return to != NULL || l != NULL ? 0 : -1;
}

void
ops_request_free(struct ops_request *r)
{
	buf_free(&r->description.text);
	buf_free(&r->filter.text);
}

/* ---- which profile ---------------------------------------------------------------- */

/* "group/name" or "name" into its parts; the last '/' cuts. */
static void
split(struct arena *a, const char *text, struct profile_id *id)
{
	const char *slash = strrchr(text, '/');
	*id = (struct profile_id){ ".", text };
	if (slash != NULL) {
		id->group = arena_strndup(a, text, (size_t)(slash - text));
		id->name = slash + 1;
	}
}

static int
check_names(const struct profile_id *id, struct err *err)
{
	if (strcmp(id->group, ".") != 0 &&
	    !conf_name_ok(id->group, CONF_NAME_MAX))
		return err_set(err,
		    "Illegal characters in profile group name '%s'!",
		    id->group);
	if (id->name[0] == '\0')
		return err_set(err, "Missing profile name");
	if (!conf_name_ok(id->name, CONF_NAME_MAX))
		return err_set(err, "Illegal characters in profile name '%s'!",
		    id->name);
	return 0;
}

int
ops_name_profile(const struct ops_request *r, struct arena *a,
    struct profile_id *id, struct err *err)
{
	bool grouped = r->profilegroup != NULL && r->profilegroup[0] != '\0';
	if (r->profile == NULL || r->profile[0] == '\0')
		return err_set(err, "Missing profile name");
	split(a, r->profile, id);
	if (grouped && strchr(r->profile, '/') != NULL)
		return err_set(err, "Ambiguous profile group");
	if (grouped)
		id->group = r->profilegroup;
	return check_names(id, err);
}

static int
check_there(const struct conf *c, const struct profile_id *id, struct err *err)
{
	char dir[FILE_PATH_MAX];
	char file[FILE_PATH_MAX];
	char deleted[FILE_PATH_MAX];
	if (!profile_stat_path(c, id->group, id->name, NULL, dir) ||
	    !profile_stat_path(c, id->group, id->name, "profile.dat", file) ||
	    !profile_stat_path(c, id->group, id->name, ".DELETED", deleted))
		return err_set(err, "profile '%s': path too long", id->name);
	if (file_exists(file) && !file_exists(deleted))
		return 0;
	if (file_exists(dir) && !file_exists(deleted))
		return err_set(err,
		    "Missing profile descriptor file of profile '%s'",
		    id->name);
	if (strcmp(id->group, ".") == 0)
		return err_set(err, "Profile '%s' does not exists", id->name);
	return err_set(err, "Profile '%s' does not exists profile group '%s'",
	    id->name, id->group);
}

int
ops_find_profile(const struct conf *c, const struct ops_request *r,
    struct arena *a, struct profile_id *id, struct err *err)
{
	if (ops_name_profile(r, a, id, err) == -1)
		return -1;
	return check_there(c, id, err);
}

/* ---- which channel ----------------------------------------------------------------- */

/* "[group/]profile/channel": what stands before the last '/' is a profile. */
int
ops_find_channel(const struct conf *c, const struct ops_request *r,
    struct arena *a, struct profile_id *id, const char **channel,
    struct err *err)
{
	const char *slash =
	    r->channel != NULL ? strrchr(r->channel, '/') : NULL;
	*channel = r->channel;
	if (slash == NULL)
		return ops_find_profile(c, r, a, id, err);
	if (r->profile != NULL || r->profilegroup != NULL)
		return err_set(err, "Ambiguous channel definition");
	struct ops_request of = { .profile = arena_strndup(a, r->channel,
				      (size_t)(slash - r->channel)) };
	*channel = slash + 1;
	return ops_find_profile(c, &of, a, id, err);
}

struct profile *
ops_load(const struct conf *c, const struct profile_id *id, struct err *err)
{
	struct profile *p = profile_load(c, id->group, id->name, err);
	if (p == NULL)
		(void)err_prefix(err, "Profile '%s' in group '%s'", id->name,
		    id->group);
	return p;
}
