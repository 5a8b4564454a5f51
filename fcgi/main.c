/*
 * nfsen-fcgi: pages, graphs and JSON over FastCGI.  Start-up only: options,
 * config, socket, ids; master.c does the rest.
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/proc.h"
#include "conf/conf_cli.h"
#include "fcgi/master.h"

static const char usage[] =
    "usage: nfsen-fcgi [-c file] [-D] [-d]\n"
    "       nfsen-fcgi [-c file] -n | -nv\n"
    "  -c file  configuration\n"
    "  -D       go into the background when ready\n"
    "  -d       debug log\n"
    "  -n       check the configuration and exit; with -v print it\n"
    "  -V, -h   version, this text\n";

static int
run(const struct conf_cli *cli, const struct conf *c, struct err *err)
{
	struct pidfile pf;
	char path[FILE_PATH_MAX];
	if (conf_check_reader(c, err) == -1 ||
	    log_open("nfsen-fcgi", cli->detach ? c->syslog_facility : NULL,
		err) == -1)
		return -1;
	if (!file_join(path, c->piddir, "nfsen-fcgi.pid"))
		return err_set(err, "%s: path too long", c->piddir);
	if (pidfile_open(&pf, path, err) == -1)
		return -1;
	/* Before ids are dropped: the socket's folder may be root's. */
	bool own = false;
	int fd = master_listen(c, &own, err);
	if (fd == -1 || (cli->detach && proc_detach(err) == -1) ||
	    proc_drop(c->user, c->wwwgroup, err) == -1 ||
	    pidfile_write(&pf, err) == -1) {
		pidfile_close(&pf);
		return -1;
	}
	int status = master_run(c, fd);
	if (own)
		(void)unlink(c->fcgisocket);
	pidfile_close(&pf);
	return status;
}

int
main(int argc, char **argv)
{
	struct conf_cli cli;
	struct err err;
	int rc = conf_cli_parse(argc, argv, usage, &cli);
	if (rc != 0)
		return rc == -1;
	struct conf *c = conf_cli_load(&cli, &rc);
	if (c == NULL)
		return rc;
	log_debug_set(cli.debug);
	umask(0022);
	rc = run(&cli, c, &err);
	if (rc == -1) {
		(void)fprintf(stderr, "nfsen-fcgi: %s\n", err.msg);
		rc = 1;
	}
	conf_free(c);
	return rc;
}
