// Installed software for network services that most servers do not need (kind "service_software"):
// packages joined with units and processes. Runs after these.
#include "source/facts.h"
#include "source/package/installed.h"

static const char *const kinds[] = {"service_software", NULL};

enum role { SERVER, CLIENT };

// One package. `needs`: without this file its unit starts nothing (rsync is a client as well).
static const struct software {
    const char *package, *family;
    enum role role;
    const char *units[3], *processes[3], *needs;
} table[] = {
    {"telnetd", "telnet", SERVER, {0}, {"in.telnetd", "telnetd"}, NULL},
    {"telnetd-ssl", "telnet", SERVER, {0}, {"in.telnetd"}, NULL},
    {"inetutils-telnetd", "telnet", SERVER, {0}, {"telnetd"}, NULL},
    {"rsh-server", "rsh", SERVER, {0}, {"in.rshd", "in.rlogind", "in.rexecd"}, NULL},
    {"rsh-redone-server", "rsh", SERVER, {0}, {"in.rshd", "in.rlogind"}, NULL},
    {"talkd", "talk", SERVER, {0}, {"in.talkd", "in.ntalkd"}, NULL},
    {"inetutils-talkd", "talk", SERVER, {0}, {"talkd"}, NULL},
    {"fingerd", "finger", SERVER, {0}, {"in.fingerd"}, NULL},
    {"cfingerd", "finger", SERVER, {0}, {"cfingerd"}, NULL},
    {"efingerd", "finger", SERVER, {0}, {"efingerd"}, NULL},
    {"ypserv", "nis", SERVER, {"ypserv.service"}, {"ypserv"}, NULL},
    {"tftpd-hpa", "tftp", SERVER, {"tftpd-hpa.service"}, {"in.tftpd"}, NULL},
    {"tftpd", "tftp", SERVER, {0}, {"in.tftpd"}, NULL},
    {"atftpd", "tftp", SERVER, {"atftpd.service"}, {"atftpd"}, NULL},
    {"vsftpd", "ftp", SERVER, {"vsftpd.service"}, {"vsftpd"}, NULL},
    {"proftpd-core", "ftp", SERVER, {"proftpd.service"}, {"proftpd"}, NULL},
    {"proftpd-basic", "ftp", SERVER, {"proftpd.service"}, {"proftpd"}, NULL},
    {"pure-ftpd", "ftp", SERVER, {"pure-ftpd.service"}, {"pure-ftpd"}, NULL},
    {"ftpd", "ftp", SERVER, {0}, {"in.ftpd"}, NULL},
    {"inetutils-ftpd", "ftp", SERVER, {0}, {"ftpd"}, NULL},
    {"openbsd-inetd", "inetd", SERVER, {"inetd.service"}, {"inetd"}, NULL},
    {"inetutils-inetd", "inetd", SERVER, {"inetutils-inetd.service"}, {"inetutils-inetd"}, NULL},
    {"xinetd", "inetd", SERVER, {"xinetd.service"}, {"xinetd"}, NULL},
    {"rlinetd", "inetd", SERVER, {"rlinetd.service"}, {"rlinetd"}, NULL},
    {"rpcbind", "rpcbind", SERVER, {"rpcbind.service", "rpcbind.socket"}, {"rpcbind"}, NULL},
    {"nfs-kernel-server",
     "nfs",
     SERVER,
     {"nfs-server.service", "nfs-kernel-server.service"},
     {"rpc.mountd", "nfsd"},
     NULL},
    {"nfs-ganesha", "nfs", SERVER, {"nfs-ganesha.service"}, {"ganesha.nfsd"}, NULL},
    {"avahi-daemon",
     "avahi",
     SERVER,
     {"avahi-daemon.service", "avahi-daemon.socket"},
     {"avahi-daemon"},
     NULL},
    {"cups-daemon", "cups", SERVER, {"cups.service", "cups.socket", "cups.path"}, {"cupsd"}, NULL},
    {"cups-browsed", "cups", SERVER, {"cups-browsed.service"}, {"cups-browsed"}, NULL},
    {"isc-dhcp-server", "dhcp", SERVER, {"isc-dhcp-server.service"}, {"dhcpd"}, NULL},
    {"kea-dhcp4-server", "dhcp", SERVER, {"kea-dhcp4-server.service"}, {"kea-dhcp4"}, NULL},
    {"udhcpd", "dhcp", SERVER, {"udhcpd.service"}, {"udhcpd"}, NULL},
    {"bind9", "dns", SERVER, {"named.service", "bind9.service"}, {"named"}, NULL},
    {"unbound", "dns", SERVER, {"unbound.service"}, {"unbound"}, NULL},
    {"dnsmasq", "dns", SERVER, {"dnsmasq.service"}, {"dnsmasq"}, NULL},
    {"knot", "dns", SERVER, {"knot.service"}, {"knotd"}, NULL},
    {"nsd", "dns", SERVER, {"nsd.service"}, {"nsd"}, NULL},
    {"pdns-server", "dns", SERVER, {"pdns.service"}, {"pdns_server"}, NULL},
    {"pdns-recursor", "dns", SERVER, {"pdns-recursor.service"}, {"pdns_recursor"}, NULL},
    {"slapd", "ldap", SERVER, {"slapd.service"}, {"slapd"}, NULL},
    {"389-ds-base", "ldap", SERVER, {"dirsrv.target"}, {"ns-slapd"}, NULL},
    {"dovecot-imapd", "imap", SERVER, {"dovecot.service"}, {"dovecot"}, NULL},
    {"dovecot-pop3d", "imap", SERVER, {"dovecot.service"}, {"dovecot"}, NULL},
    {"courier-imap", "imap", SERVER, {"courier-imap.service"}, {"couriertcpd"}, NULL},
    {"cyrus-imapd", "imap", SERVER, {"cyrus-imapd.service"}, {"cyrmaster"}, NULL},
    {"exim4-daemon-light", "mta", SERVER, {"exim4.service"}, {"exim4"}, NULL},
    {"exim4-daemon-heavy", "mta", SERVER, {"exim4.service"}, {"exim4"}, NULL},
    {"postfix", "mta", SERVER, {"postfix.service", "postfix@-.service"}, {"master"}, NULL},
    {"sendmail-bin", "mta", SERVER, {"sendmail.service"}, {"sendmail-mta"}, NULL},
    {"opensmtpd", "mta", SERVER, {"opensmtpd.service"}, {"smtpd"}, NULL},
    {"samba", "smb", SERVER, {"smbd.service", "nmbd.service"}, {"smbd", "nmbd"}, NULL},
    {"snmpd", "snmp", SERVER, {"snmpd.service"}, {"snmpd"}, NULL},
    {"rsync", "rsync", SERVER, {"rsync.service"}, {0}, "/etc/rsyncd.conf"},
    {"squid", "proxy", SERVER, {"squid.service"}, {"squid"}, NULL},
    {"squid-openssl", "proxy", SERVER, {"squid.service"}, {"squid"}, NULL},
    {"tinyproxy", "proxy", SERVER, {"tinyproxy.service"}, {"tinyproxy"}, NULL},
    {"privoxy", "proxy", SERVER, {"privoxy.service"}, {"privoxy"}, NULL},
    {"dante-server", "proxy", SERVER, {"danted.service"}, {"danted"}, NULL},
    {"apache2", "web", SERVER, {"apache2.service"}, {"apache2"}, NULL},
    {"nginx", "web", SERVER, {"nginx.service"}, {"nginx"}, NULL},
    {"lighttpd", "web", SERVER, {"lighttpd.service"}, {"lighttpd"}, NULL},
    {"caddy", "web", SERVER, {"caddy.service"}, {"caddy"}, NULL},
    {"xserver-xorg-core", "graphics", SERVER, {"display-manager.service"}, {"Xorg"}, NULL},
    {"gdm3", "graphics", SERVER, {"gdm3.service", "gdm.service"}, {"gdm3"}, NULL},
    {"lightdm", "graphics", SERVER, {"lightdm.service"}, {"lightdm"}, NULL},
    {"sddm", "graphics", SERVER, {"sddm.service"}, {"sddm"}, NULL},
    {"xdm", "graphics", SERVER, {"xdm.service"}, {"xdm"}, NULL},
    {"xrdp", "remote_desktop", SERVER, {"xrdp.service"}, {"xrdp"}, NULL},
    {"x11vnc", "remote_desktop", SERVER, {0}, {"x11vnc"}, NULL},
    {"tigervnc-standalone-server", "remote_desktop", SERVER, {0}, {"Xtigervnc"}, NULL},
    {"telnet", "telnet", CLIENT, {0}, {0}, NULL},
    {"telnet-ssl", "telnet", CLIENT, {0}, {0}, NULL},
    {"inetutils-telnet", "telnet", CLIENT, {0}, {0}, NULL},
    {"rsh-client", "rsh", CLIENT, {0}, {0}, NULL},
    {"rsh-redone-client", "rsh", CLIENT, {0}, {0}, NULL},
    {"talk", "talk", CLIENT, {0}, {0}, NULL},
    {"inetutils-talk", "talk", CLIENT, {0}, {0}, NULL},
    {"nis", "nis", CLIENT, {0}, {0}, NULL},
    {"ypbind-mt", "nis", CLIENT, {0}, {0}, NULL},
    {"yp-tools", "nis", CLIENT, {0}, {0}, NULL},
    {"ldap-utils", "ldap", CLIENT, {0}, {0}, NULL},
    {"ftp", "ftp", CLIENT, {0}, {0}, NULL},
    {"tnftp", "ftp", CLIENT, {0}, {0}, NULL},
    {"inetutils-ftp", "ftp", CLIENT, {0}, {0}, NULL},
    {"tftp", "tftp", CLIENT, {0}, {0}, NULL},
    {"tftp-hpa", "tftp", CLIENT, {0}, {0}, NULL},
    {"atftp", "tftp", CLIENT, {0}, {0}, NULL},
};

// The worse of two answers: true, then not known, then false.
static struct gb_value either(struct gb_value a, struct gb_value b)
{
    bool a_true = a.kind == GB_VALUE_BOOL && a.boolean;
    bool b_false = b.kind == GB_VALUE_BOOL && !b.boolean;
    return a_true || b_false ? a : b;
}

static const struct gb_value *unit_field(struct gb_collector *collector, const char *unit,
                                         const char *field)
{
    struct gb_str id = gb_str_format(collector->scratch, "unit:%s", unit);
    const struct gb_resource *resource = gb_collection_find(collector->all, id);
    return resource ? gb_map_find(resource->props, gb_str_of(field)) : NULL;
}

static bool has_process(const struct gb_collector *collector, const char *name)
{
    const struct gb_kind_state *processes = gb_collection_kind(collector->all, GB_STR("process"));
    for (size_t i = 0; i < processes->count; i++) {
        const struct gb_map_value *props = processes->resources[i]->props;
        const struct gb_value *seen = gb_map_find(props, GB_STR("name"));
        if (gb_str_is(gb_value_str_or(seen, GB_STR("")), name) &&
            !gb_map_find(props, GB_STR("container")))
            return true;
    }
    return false;
}

static void put_software(struct gb_facts *facts, struct gb_list *list,
                         const struct software *software, const struct gb_dpkg_package *package)
{
    struct gb_collector *collector = facts->collector;
    struct gb_facts record = gb_facts_record(collector);
    struct gb_list *units = gb_list_new(collector->arena);
    struct gb_value at_boot = gb_bool(false), running = gb_bool(false);
    bool needed = !software->needs || gb_host_exists(collector->host, software->needs);
    for (size_t i = 0; i < 3 && software->units[i]; i++) {
        const struct gb_value *value = unit_field(collector, software->units[i], "at_boot");
        if (!value)
            continue;
        gb_fact_add_text(facts, units, gb_str_of(software->units[i]), (struct gb_str){0}, 0);
        if (needed)
            at_boot = either(at_boot, *value);
    }
    for (size_t i = 0; i < 3 && software->processes[i]; i++)
        running.boolean = running.boolean || has_process(collector, software->processes[i]);
    // Below a root directory only the next boot can be told.
    gb_fact(&record, "in_use",
            gb_host_has_kernel(collector->host) ? either(at_boot, running) : at_boot);
    if (software->role == SERVER && !gb_host_has_kernel(collector->host))
        running = gb_not_applicable(GB_STR("needs a live kernel"));
    gb_fact(
        &record, "package",
        gb_fact_at(&record, gb_fact_text(&record, package->name), package->where, package->line));
    gb_fact(&record, "version", gb_fact_text(&record, package->version));
    gb_fact(&record, "family", gb_string(gb_str_of(software->family)));
    gb_fact(&record, "role",
            gb_string(software->role == SERVER ? GB_STR("server") : GB_STR("client")));
    gb_fact(&record, "at_boot", at_boot);
    gb_fact(&record, "running", running);
    gb_fact(&record, "units", gb_list_of(units));
    struct gb_str summary = gb_str_format(collector->scratch, GB_PRI " " GB_PRI,
                                          GB_ARG(package->name), GB_ARG(package->version));
    gb_fact(&record, "summary",
            gb_fact_at(&record, gb_fact_text(&record, summary), package->where, package->line));
    gb_list_add(collector->arena, list, gb_map_of(record.props));
}

static int collect(struct gb_collector *collector, struct gb_error *err)
{
    const struct gb_dpkg *dpkg;
    struct gb_str kind = GB_STR("service_software");
    if (gb_dpkg_load(collector, &dpkg, err) < 0)
        return GB_E_MEMORY;
    if (dpkg->presence != GB_DPKG_READ) {
        // Packages of rpm and apk have other names for these.
        gb_collection_gap(
            collector->all, kind,
            dpkg->presence == GB_DPKG_ABSENT
                ? gb_str_format(collector->arena,
                                "server software is known by names of dpkg's packages "
                                "only: " GB_PRI,
                                GB_ARG(dpkg->reason))
                : dpkg->reason);
        return GB_OK;
    }
    struct gb_facts facts =
        gb_facts(collector, gb_collection_add(collector->all, kind, (struct gb_str){0}));
    struct gb_list *list = gb_list_new(collector->arena);
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        const struct gb_dpkg_package *package = gb_package_find(collector, table[i].package);
        bool is_client_of_rsync =
            table[i].needs && package && !gb_host_exists(collector->host, table[i].needs);
        if (package && !package->transitional && !is_client_of_rsync)
            put_software(&facts, list, &table[i], package);
    }
    gb_fact(&facts, "installed", gb_list_of(list));
    return gb_arena_failed(collector->arena) ? GB_E_MEMORY : GB_OK;
}

const struct gb_source gb_source_service_software = {
    .name = "host/service_software",
    .title = "software for network services",
    .kinds = kinds,
    .order = 4,
    .collect = collect,
};
