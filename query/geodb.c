#include "query/geodb.h"

#include <string.h>

#include "base/file.h"
#include "conf/conf.h"
#include "profile/profile.h"

int
geodb_open(const char *arg, const char *config, struct geo **g, struct err *err)
{
	*g = NULL;
	if (arg != NULL) {
		if (strcmp(arg, "none") == 0)
			return 0;
		*g = geo_open_list(arg, err);
		return *g != NULL ? 0 : -1;
	}
	if (config == NULL && !file_exists(conf_path(NULL)))
		return 0;
	struct conf *c = conf_load(config, err);
	if (c == NULL)
		return config == NULL ? 0 : -1;
	struct filter_options o;
	int r = profile_filter_options(c, &o, err);
	*g = o.geo;
	conf_free(c);
	return r;
}
