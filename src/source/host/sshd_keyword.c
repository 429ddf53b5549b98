// The table of sshd's keywords and its algorithm lists; see the header.
#include "source/host/sshd_keyword.h"

#include "base/buffer.h"

#define YES_NO "no yes" // the loose word last
#define NO_YES "yes no"

// Rows by type: name, field, where, default ...
#define GLOBAL false
#define MATCH  true
#define WORD(n, f, m, d, w, l)                                                                     \
    {                                                                                              \
        n, f, GB_SSHD_WORD, GB_SSHD_FIRST, m, 0, 0, 0, d, w, l                                     \
    }
#define NUMBER(n, f, m, d, l)                                                                      \
    {                                                                                              \
        n, f, GB_SSHD_INT, GB_SSHD_FIRST, m, 0, 0, 0, d, NULL, l                                   \
    }
#define TIME(n, f, m, d, l)                                                                        \
    {                                                                                              \
        n, f, GB_SSHD_TIME, GB_SSHD_FIRST, m, 0, 0, 0, d, NULL, l                                  \
    }
#define STRING(n, f, m, d, l)                                                                      \
    {                                                                                              \
        n, f, GB_SSHD_STRING, GB_SSHD_FIRST, m, 0, 0, 0, d, NULL, l                                \
    }
#define REST(n, f, m, d, l)                                                                        \
    {                                                                                              \
        n, f, GB_SSHD_REST, GB_SSHD_FIRST, m, 0, 0, 0, d, NULL, l                                  \
    }
#define LIST(n, f, m, d)                                                                           \
    {                                                                                              \
        n, f, GB_SSHD_LIST, GB_SSHD_FIRST, m, 0, 0, 0, d, NULL, 0                                  \
    }
#define APPEND(n, f, m, d)                                                                         \
    {                                                                                              \
        n, f, GB_SSHD_LIST, GB_SSHD_APPEND, m, 0, 0, 0, d, NULL, 0                                 \
    }
#define NAMES(n, f, m, a)                                                                          \
    {                                                                                              \
        n, f, GB_SSHD_ALGORITHMS, GB_SSHD_FIRST, m, a, 0, 0, NULL, NULL, 0                         \
    }
#define OTHER(n, f, g, m, d)                                                                       \
    {                                                                                              \
        n, f, GB_SSHD_OTHER, g, m, 0, 0, 0, d, NULL, 0                                             \
    }
#define DEAD(n)                                                                                    \
    {                                                                                              \
        n, NULL, GB_SSHD_DEPRECATED, GB_SSHD_FIRST, true, 0, 0, 0, "", NULL, 0                     \
    }

const struct gb_sshd_keyword gb_sshd_keywords[] = {
    {"Port", "port", GB_SSHD_PORT, GB_SSHD_APPEND, GLOBAL, 0, 0, 0, "22", NULL, 0},
    {"ListenAddress", "listen_addresses", GB_SSHD_LISTEN, GB_SSHD_APPEND, GLOBAL, 0, 0, 0, "", NULL,
     0},
    WORD("AddressFamily", "address_family", GLOBAL, "any", "inet inet6 any", 0),
    WORD("PermitRootLogin", "permit_root_login", MATCH, "prohibit-password",
         "no forced-commands-only prohibit-password without-password=prohibit-password yes", 'w'),
    WORD("PasswordAuthentication", "password_authentication", MATCH, "yes", YES_NO, 'w'),
    WORD("KbdInteractiveAuthentication", "kbd_interactive_authentication", MATCH, "yes", YES_NO,
         'w'),
    WORD("PubkeyAuthentication", "pubkey_authentication", MATCH, "yes", YES_NO, 0),
    WORD("PermitEmptyPasswords", "permit_empty_passwords", MATCH, "no", YES_NO, 'w'),
    WORD("HostbasedAuthentication", "hostbased_authentication", MATCH, "no", YES_NO, 'w'),
    WORD("HostbasedUsesNameFromPacketOnly", "hostbased_uses_name_from_packet_only", MATCH, "no",
         YES_NO, 'w'),
    WORD("IgnoreRhosts", "ignore_rhosts", MATCH, "yes", "yes shosts-only no", 'w'),
    WORD("IgnoreUserKnownHosts", "ignore_user_known_hosts", GLOBAL, "no", NO_YES, 0),
    WORD("KerberosAuthentication", "kerberos_authentication", MATCH, "no", YES_NO, 0),
    WORD("KerberosOrLocalPasswd", "kerberos_or_local_passwd", GLOBAL, "yes", YES_NO, 0),
    WORD("KerberosTicketCleanup", "kerberos_ticket_cleanup", GLOBAL, "yes", NO_YES, 0),
    WORD("GSSAPIAuthentication", "gssapi_authentication", MATCH, "no", YES_NO, 0),
    WORD("GSSAPICleanupCredentials", "gssapi_cleanup_credentials", GLOBAL, "yes", NO_YES, 0),
    WORD("GSSAPIStrictAcceptorCheck", "gssapi_strict_acceptor_check", GLOBAL, "yes", NO_YES, 0),
    WORD("GSSAPIKeyExchange", "gssapi_key_exchange", GLOBAL, "no", YES_NO, 0),
    WORD("GSSAPIStoreCredentialsOnRekey", "gssapi_store_credentials_on_rekey", GLOBAL, "no", YES_NO,
         0),
    STRING("GSSAPIKexAlgorithms", NULL, GLOBAL, "", 0),
    LIST("AuthenticationMethods", "authentication_methods", MATCH, "any"),
    WORD("UsePAM", "use_pam", GLOBAL, "no", NO_YES, 0),
    WORD("StrictModes", "strict_modes", GLOBAL, "yes", NO_YES, 0),
    OTHER("PermitUserEnvironment", "permit_user_environment", GB_SSHD_FIRST, GLOBAL, "no"),
    WORD("PermitUserRC", "permit_user_rc", MATCH, "yes", YES_NO, 0),
    WORD("PermitTTY", "permit_tty", MATCH, "yes", YES_NO, 0),
    WORD("X11Forwarding", "x11_forwarding", MATCH, "no", YES_NO, 'w'),
    WORD("X11UseLocalhost", "x11_use_localhost", MATCH, "yes", NO_YES, 'w'),
    NUMBER("X11DisplayOffset", "x11_display_offset", MATCH, "10", 0),
    STRING("XAuthLocation", NULL, GLOBAL, "/usr/bin/xauth", 0),
    WORD("AllowTcpForwarding", "allow_tcp_forwarding", MATCH, "yes", "no local remote yes all=yes",
         'w'),
    WORD("AllowStreamLocalForwarding", "allow_stream_local_forwarding", MATCH, "yes",
         "no local remote yes all=yes", 'w'),
    WORD("AllowAgentForwarding", "allow_agent_forwarding", MATCH, "yes", YES_NO, 'w'),
    WORD("DisableForwarding", "disable_forwarding", MATCH, "no", NO_YES, 'w'),
    WORD("GatewayPorts", "gateway_ports", MATCH, "no", "no clientspecified yes", 'w'),
    WORD("PermitTunnel", "permit_tunnel", MATCH, "no", "no point-to-point ethernet yes", 'w'),
    LIST("PermitOpen", "permit_open", MATCH, "any"),
    {"PermitListen", "permit_listen", GB_SSHD_LIST, GB_SSHD_FIRST, MATCH, 0, 708, 0, "any", NULL,
     0},
    OTHER("StreamLocalBindMask", "stream_local_bind_mask", GB_SSHD_LAST, MATCH, "0177"),
    WORD("StreamLocalBindUnlink", "stream_local_bind_unlink", MATCH, "no", YES_NO, 0),
    NUMBER("MaxAuthTries", "max_auth_tries", MATCH, "6", '+'),
    NUMBER("MaxSessions", "max_sessions", MATCH, "10", '+'),
    {"MaxStartups", "max_startups", GB_SSHD_STARTUPS, GB_SSHD_LAST, GLOBAL, 0, 0, 0, "10:30:100",
     NULL, 0},
    {"PerSourceMaxStartups", "per_source_max_startups", GB_SSHD_OTHER, GB_SSHD_LAST, GLOBAL, 0, 805,
     0, "none", NULL, 0},
    {"PerSourceNetBlockSize", "per_source_net_block_size", GB_SSHD_OTHER, GB_SSHD_LAST, GLOBAL, 0,
     805, 0, "32:128", NULL, 0},
    {"PerSourcePenalties", "per_source_penalties", GB_SSHD_OTHER, GB_SSHD_APPEND, GLOBAL, 0, 908, 0,
     "yes", NULL, 0},
    {"PerSourcePenaltyExemptList", NULL, GB_SSHD_OTHER, GB_SSHD_FIRST, GLOBAL, 0, 908, 0, "none",
     NULL, 0},
    TIME("LoginGraceTime", "login_grace_time", GLOBAL, "120", 0),
    TIME("ClientAliveInterval", "client_alive_interval", MATCH, "0", 0),
    NUMBER("ClientAliveCountMax", "client_alive_count_max", MATCH, "3", 0),
    WORD("TCPKeepAlive", "tcp_keep_alive", GLOBAL, "yes", YES_NO, 0),
    {"UnusedConnectionTimeout", "unused_connection_timeout", GB_SSHD_TIME, GB_SSHD_FIRST, MATCH, 0,
     902, 0, "0", NULL, 0},
    {"ChannelTimeout", "channel_timeout", GB_SSHD_LIST, GB_SSHD_FIRST, MATCH, 0, 902, 0, "none",
     NULL, 0},
    WORD("LogLevel", "log_level", MATCH, "INFO",
         "DEBUG3 DEBUG2 DEBUG1 DEBUG=DEBUG1 VERBOSE INFO ERROR FATAL QUIET SILENT=QUIET", 'w'),
    WORD("SyslogFacility", "syslog_facility", GLOBAL, "AUTH",
         "DAEMON USER AUTH AUTHPRIV LOCAL0 LOCAL1 LOCAL2 LOCAL3 LOCAL4 LOCAL5 LOCAL6 LOCAL7", 0),
    {"LogVerbose", NULL, GB_SSHD_LIST, GB_SSHD_FIRST, MATCH, 0, 805, 0, "", NULL, 0},
    WORD("PrintMotd", "print_motd", GLOBAL, "yes", YES_NO, 0),
    WORD("PrintLastLog", "print_last_log", GLOBAL, "yes", NO_YES, 0),
    STRING("Banner", "banner", MATCH, "none", 'n'),
    REST("VersionAddendum", "version_addendum", GLOBAL, "none", 0),
    WORD("DebianBanner", "debian_banner", GLOBAL, "yes", YES_NO, 0),
    WORD("UseDNS", "use_dns", GLOBAL, "no", YES_NO, 0),
    WORD("Compression", "compression", GLOBAL, "yes", "no yes delayed=yes", 0),
    OTHER("RekeyLimit", "rekey_limit", GB_SSHD_FIRST, MATCH, "0 0"),
    OTHER("IPQoS", NULL, GB_SSHD_LAST, MATCH, "lowdelay throughput"),
    NAMES("Ciphers", "ciphers", GLOBAL, GB_SSHD_CIPHERS),
    NAMES("MACs", "macs", GLOBAL, GB_SSHD_MACS),
    NAMES("KexAlgorithms", "kex_algorithms", GLOBAL, GB_SSHD_KEX),
    NAMES("HostKeyAlgorithms", "host_key_algorithms", GLOBAL, GB_SSHD_KEYS),
    NAMES("PubkeyAcceptedAlgorithms", "pubkey_accepted_algorithms", MATCH, GB_SSHD_KEYS),
    NAMES("HostbasedAcceptedAlgorithms", "hostbased_accepted_algorithms", MATCH, GB_SSHD_KEYS),
    {"CASignatureAlgorithms", "ca_signature_algorithms", GB_SSHD_ALGORITHMS, GB_SSHD_FIRST, MATCH,
     GB_SSHD_SIGNATURES, 709, 0, NULL, NULL, 0},
    {"RequiredRSASize", "required_rsa_size", GB_SSHD_INT, GB_SSHD_FIRST, MATCH, 0, 901, 0, "1024",
     NULL, '-'},
    {"PubkeyAuthOptions", "pubkey_auth_options", GB_SSHD_LIST, GB_SSHD_FIRST, MATCH, 0, 802, 0,
     "none", NULL, 0},
    OTHER("FingerprintHash", "fingerprint_hash", GB_SSHD_LAST, GLOBAL, "SHA256"),
    APPEND("AllowUsers", "allow_users", MATCH, ""),
    APPEND("DenyUsers", "deny_users", MATCH, ""),
    APPEND("AllowGroups", "allow_groups", MATCH, ""),
    APPEND("DenyGroups", "deny_groups", MATCH, ""),
    APPEND("HostKey", "host_keys", GLOBAL, ""),
    APPEND("HostCertificate", "host_certificates", GLOBAL, ""),
    STRING("HostKeyAgent", "host_key_agent", GLOBAL, "none", 0),
    LIST("AuthorizedKeysFile", "authorized_keys_files", MATCH,
         ".ssh/authorized_keys .ssh/authorized_keys2"),
    REST("AuthorizedKeysCommand", "authorized_keys_command", MATCH, "none", 0),
    STRING("AuthorizedKeysCommandUser", "authorized_keys_command_user", MATCH, "none", 0),
    STRING("AuthorizedPrincipalsFile", "authorized_principals_file", MATCH, "none", 0),
    REST("AuthorizedPrincipalsCommand", "authorized_principals_command", MATCH, "none", 0),
    STRING("AuthorizedPrincipalsCommandUser", "authorized_principals_command_user", MATCH, "none",
           0),
    STRING("TrustedUserCAKeys", "trusted_user_ca_keys", MATCH, "none", 0),
    STRING("RevokedKeys", "revoked_keys", MATCH, "none", 'n'),
    REST("ForceCommand", "force_command", MATCH, "none", 'n'),
    STRING("ChrootDirectory", "chroot_directory", MATCH, "none", 'n'),
    APPEND("AcceptEnv", "accept_env", MATCH, ""),
    {"SetEnv", "set_env", GB_SSHD_LIST, GB_SSHD_FIRST, MATCH, 0, 708, 0, "", NULL, 0},
    {"Subsystem", "subsystems", GB_SSHD_OTHER, GB_SSHD_APPEND, GLOBAL, 0, 0, 905, "", NULL, 0},
    {"Subsystem", "subsystems", GB_SSHD_OTHER, GB_SSHD_APPEND, MATCH, 0, 905, 0, "", NULL, 0},
    {"ExposeAuthInfo", "expose_auth_info", GB_SSHD_WORD, GB_SSHD_FIRST, MATCH, 0, 706, 0, "no",
     YES_NO, 0},
    {"SecurityKeyProvider", "security_key_provider", GB_SSHD_STRING, GB_SSHD_FIRST, GLOBAL, 0, 802,
     0, "internal", NULL, 0},
    STRING("PidFile", NULL, GLOBAL, "/run/sshd.pid", 0),
    {"ModuliFile", NULL, GB_SSHD_STRING, GB_SSHD_FIRST, GLOBAL, 0, 805, 0, "/etc/ssh/moduli", NULL,
     0},
    {"RDomain", NULL, GB_SSHD_STRING, GB_SSHD_FIRST, MATCH, 0, 707, 0, "none", NULL, 0},
    {"PAMServiceName", "pam_service_name", GB_SSHD_STRING, GB_SSHD_FIRST, MATCH, 0, 908, 0, "sshd",
     NULL, 0},
    {"RefuseConnection", NULL, GB_SSHD_WORD, GB_SSHD_FIRST, MATCH, 0, 909, 0, "no", NO_YES, 0},
    {"SshdSessionPath", NULL, GB_SSHD_STRING, GB_SSHD_FIRST, GLOBAL, 0, 908, 0,
     "/usr/lib/openssh/sshd-session", NULL, 0},
    {"SshdAuthPath", NULL, GB_SSHD_STRING, GB_SSHD_FIRST, GLOBAL, 0, 1000, 0,
     "/usr/lib/openssh/sshd-auth", NULL, 0},
    {"Protocol", "protocol", GB_SSHD_OTHER, GB_SSHD_FIRST, GLOBAL, 0, 0, 704, "2", NULL, 0},
    {"UsePrivilegeSeparation", "use_privilege_separation", GB_SSHD_WORD, GB_SSHD_FIRST, GLOBAL, 0,
     0, 705, "sandbox", "sandbox yes no", 0},
    {"UseLogin", NULL, GB_SSHD_WORD, GB_SSHD_FIRST, GLOBAL, 0, 0, 704, "no", YES_NO, 0},
    // Still accepted, without any effect.
    {"Protocol", NULL, GB_SSHD_DEPRECATED, GB_SSHD_FIRST, GLOBAL, 0, 704, 0, "", NULL, 0},
    {"UsePrivilegeSeparation", NULL, GB_SSHD_DEPRECATED, GB_SSHD_FIRST, GLOBAL, 0, 705, 0, "", NULL,
     0},
    {"UseLogin", NULL, GB_SSHD_DEPRECATED, GB_SSHD_FIRST, GLOBAL, 0, 704, 0, "", NULL, 0},
    DEAD("PAMAuthenticationViaKbdInt"),
    DEAD("ServerKeyBits"),
    DEAD("KeyRegenerationInterval"),
    DEAD("RhostsAuthentication"),
    DEAD("RhostsRSAAuthentication"),
    DEAD("RSAAuthentication"),
    DEAD("KerberosGetAFSToken"),
    DEAD("KerberosTgtPassing"),
    DEAD("AFSTokenPassing"),
    DEAD("GSSUseSessionCCache"),
    DEAD("GSSAPIUseSessionCredCache"),
    DEAD("CheckMail"),
    DEAD("PermitBlacklistedKeys"),
    DEAD("VerifyReverseMapping"),
    DEAD("ReverseMappingCheck"),
    DEAD("AuthorizedKeysFile2"),
};
const size_t gb_sshd_keyword_count = sizeof gb_sshd_keywords / sizeof gb_sshd_keywords[0];

static const struct {
    const char *name, *means;
} aliases[] = {
    {"ChallengeResponseAuthentication", "KbdInteractiveAuthentication"},
    {"SkeyAuthentication", "KbdInteractiveAuthentication"},
    {"HostDSAKey", "HostKey"},
    {"HostbasedAcceptedKeyTypes", "HostbasedAcceptedAlgorithms"},
    {"PubkeyAcceptedKeyTypes", "PubkeyAcceptedAlgorithms"},
    {"DSAAuthentication", "PubkeyAuthentication"},
    {"GSSAPICleanupCreds", "GSSAPICleanupCredentials"},
    {"KeepAlive", "TCPKeepAlive"},
};

static bool known_in(const struct gb_sshd_keyword *keyword, unsigned version)
{
    return version >= keyword->since && (!keyword->until || version < keyword->until);
}

int gb_sshd_keyword_find(struct gb_str name, unsigned version)
{
    for (size_t i = 0; i < sizeof aliases / sizeof aliases[0]; i++)
        if (gb_str_eq_nocase(name, gb_str_of(aliases[i].name)))
            name = gb_str_of(aliases[i].means);
    for (size_t i = 0; i < gb_sshd_keyword_count; i++)
        if (known_in(&gb_sshd_keywords[i], version) &&
            gb_str_eq_nocase(name, gb_str_of(gb_sshd_keywords[i].name)))
            return (int)i;
    return GB_SSHD_NO_KEYWORD;
}

struct gb_str gb_sshd_keyword_nearest(struct gb_str name, unsigned version)
{
    struct gb_str names[160];
    size_t count = 0;
    for (size_t i = 0; i < gb_sshd_keyword_count && count < 160; i++)
        if (known_in(&gb_sshd_keywords[i], version) &&
            gb_sshd_keywords[i].type != GB_SSHD_DEPRECATED)
            names[count++] = gb_str_of(gb_sshd_keywords[i].name);
    return gb_str_nearest(name, names, count);
}

int gb_sshd_keyword_field(const char *field)
{
    for (size_t i = 0; i < gb_sshd_keyword_count; i++)
        if (gb_sshd_keywords[i].field && strcmp(gb_sshd_keywords[i].field, field) == 0)
            return (int)i;
    return GB_SSHD_NO_KEYWORD;
}

const char *gb_sshd_keyword_fallback(const struct gb_sshd_keyword *keyword, unsigned version)
{
    if (keyword->type == GB_SSHD_ALGORITHMS)
        return gb_sshd_algorithms_default(keyword->algorithms, version);
    return keyword->fallback;
}

// ---- algorithms -------------------------------------------------------------------------------

#define CURVES                                                                                     \
    "curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256,ecdh-sha2-nistp384,"        \
    "ecdh-sha2-nistp521,"
#define GROUPS                                                                                     \
    "diffie-hellman-group-exchange-sha256,diffie-hellman-group16-sha512,"                          \
    "diffie-hellman-group18-sha512,diffie-hellman-group14-sha256"
#define EC_CERTIFICATES                                                                            \
    "ssh-ed25519-cert-v01@openssh.com,ecdsa-sha2-nistp256-cert-v01@openssh.com,"                   \
    "ecdsa-sha2-nistp384-cert-v01@openssh.com,ecdsa-sha2-nistp521-cert-v01@openssh.com,"
#define SK_CERTIFICATES                                                                            \
    "sk-ssh-ed25519-cert-v01@openssh.com,sk-ecdsa-sha2-nistp256-cert-v01@openssh.com,"
#define RSA_CERTIFICATES "rsa-sha2-512-cert-v01@openssh.com,rsa-sha2-256-cert-v01@openssh.com,"
#define EC_KEYS          "ssh-ed25519,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521,"
#define SK_KEYS          "sk-ssh-ed25519@openssh.com,sk-ecdsa-sha2-nistp256@openssh.com,"
#define RSA_KEYS         "rsa-sha2-512,rsa-sha2-256"

// Each row holds from its version on, until the next row of the same list.
static const struct {
    uint8_t which;
    uint16_t since;
    const char *names;
} defaults[] = {
    {GB_SSHD_CIPHERS, 0,
     "chacha20-poly1305@openssh.com,aes128-ctr,aes192-ctr,aes256-ctr,aes128-gcm@openssh.com,"
     "aes256-gcm@openssh.com"},
    {GB_SSHD_CIPHERS, 1000,
     "chacha20-poly1305@openssh.com,aes128-gcm@openssh.com,aes256-gcm@openssh.com,aes128-ctr,"
     "aes192-ctr,aes256-ctr"},
    {GB_SSHD_MACS, 0,
     "umac-64-etm@openssh.com,umac-128-etm@openssh.com,hmac-sha2-256-etm@openssh.com,"
     "hmac-sha2-512-etm@openssh.com,hmac-sha1-etm@openssh.com,umac-64@openssh.com,"
     "umac-128@openssh.com,hmac-sha2-256,hmac-sha2-512,hmac-sha1"},
    {GB_SSHD_KEX, 0, CURVES GROUPS ",diffie-hellman-group14-sha1"},
    {GB_SSHD_KEX, 802, CURVES GROUPS},
    {GB_SSHD_KEX, 809, CURVES "sntrup761x25519-sha512@openssh.com," GROUPS},
    {GB_SSHD_KEX, 900, "sntrup761x25519-sha512@openssh.com," CURVES GROUPS},
    // Debian's 9.2 took the later name without the domain into its default too.
    {GB_SSHD_KEX, 902, "sntrup761x25519-sha512,sntrup761x25519-sha512@openssh.com," CURVES GROUPS},
    {GB_SSHD_KEX, 909,
     "sntrup761x25519-sha512,sntrup761x25519-sha512@openssh.com,mlkem768x25519-sha256," CURVES
         GROUPS},
    {GB_SSHD_KEX, 1000,
     "mlkem768x25519-sha256,sntrup761x25519-sha512,sntrup761x25519-sha512@openssh.com,"
     "curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256,ecdh-sha2-nistp384,"
     "ecdh-sha2-nistp521"},
    {GB_SSHD_KEYS, 0,
     EC_CERTIFICATES RSA_CERTIFICATES "ssh-rsa-cert-v01@openssh.com," EC_KEYS RSA_KEYS ",ssh-rsa"},
    {GB_SSHD_KEYS, 802,
     EC_CERTIFICATES SK_CERTIFICATES RSA_CERTIFICATES
     "ssh-rsa-cert-v01@openssh.com," EC_KEYS SK_KEYS RSA_KEYS ",ssh-rsa"},
    {GB_SSHD_KEYS, 808, EC_CERTIFICATES SK_CERTIFICATES RSA_CERTIFICATES EC_KEYS SK_KEYS RSA_KEYS},
    {GB_SSHD_SIGNATURES, 0, EC_KEYS RSA_KEYS ",ssh-rsa"},
    {GB_SSHD_SIGNATURES, 802, EC_KEYS SK_KEYS RSA_KEYS},
};

const char *gb_sshd_algorithms_default(uint8_t which, unsigned version)
{
    const char *names = "";
    for (size_t i = 0; i < sizeof defaults / sizeof defaults[0]; i++)
        if (defaults[i].which == which && version >= defaults[i].since)
            names = defaults[i].names;
    return names;
}

// All that a version knows, in the order in which it lists them: what patterns stand for.
static const struct {
    uint8_t which;
    uint16_t since, until;
    const char *name;
} known[] = {
    {GB_SSHD_CIPHERS, 0, 0, "3des-cbc"},
    {GB_SSHD_CIPHERS, 0, 0, "aes128-cbc"},
    {GB_SSHD_CIPHERS, 0, 0, "aes192-cbc"},
    {GB_SSHD_CIPHERS, 0, 0, "aes256-cbc"},
    {GB_SSHD_CIPHERS, 0, 804, "rijndael-cbc@lysator.liu.se"},
    {GB_SSHD_CIPHERS, 0, 706, "arcfour"},
    {GB_SSHD_CIPHERS, 0, 706, "arcfour128"},
    {GB_SSHD_CIPHERS, 0, 706, "arcfour256"},
    {GB_SSHD_CIPHERS, 0, 706, "blowfish-cbc"},
    {GB_SSHD_CIPHERS, 0, 706, "cast128-cbc"},
    {GB_SSHD_CIPHERS, 0, 0, "aes128-ctr"},
    {GB_SSHD_CIPHERS, 0, 0, "aes192-ctr"},
    {GB_SSHD_CIPHERS, 0, 0, "aes256-ctr"},
    {GB_SSHD_CIPHERS, 0, 0, "aes128-gcm@openssh.com"},
    {GB_SSHD_CIPHERS, 0, 0, "aes256-gcm@openssh.com"},
    {GB_SSHD_CIPHERS, 0, 0, "chacha20-poly1305@openssh.com"},
    {GB_SSHD_MACS, 0, 0, "hmac-sha1"},
    {GB_SSHD_MACS, 0, 0, "hmac-sha1-96"},
    {GB_SSHD_MACS, 0, 0, "hmac-sha2-256"},
    {GB_SSHD_MACS, 0, 0, "hmac-sha2-512"},
    {GB_SSHD_MACS, 0, 0, "hmac-md5"},
    {GB_SSHD_MACS, 0, 0, "hmac-md5-96"},
    {GB_SSHD_MACS, 0, 706, "hmac-ripemd160"},
    {GB_SSHD_MACS, 0, 706, "hmac-ripemd160@openssh.com"},
    {GB_SSHD_MACS, 0, 0, "umac-64@openssh.com"},
    {GB_SSHD_MACS, 0, 0, "umac-128@openssh.com"},
    {GB_SSHD_MACS, 0, 0, "hmac-sha1-etm@openssh.com"},
    {GB_SSHD_MACS, 0, 0, "hmac-sha1-96-etm@openssh.com"},
    {GB_SSHD_MACS, 0, 0, "hmac-sha2-256-etm@openssh.com"},
    {GB_SSHD_MACS, 0, 0, "hmac-sha2-512-etm@openssh.com"},
    {GB_SSHD_MACS, 0, 0, "hmac-md5-etm@openssh.com"},
    {GB_SSHD_MACS, 0, 0, "hmac-md5-96-etm@openssh.com"},
    {GB_SSHD_MACS, 0, 706, "hmac-ripemd160-etm@openssh.com"},
    {GB_SSHD_MACS, 0, 0, "umac-64-etm@openssh.com"},
    {GB_SSHD_MACS, 0, 0, "umac-128-etm@openssh.com"},
    {GB_SSHD_KEX, 0, 0, "diffie-hellman-group1-sha1"},
    {GB_SSHD_KEX, 0, 0, "diffie-hellman-group14-sha1"},
    {GB_SSHD_KEX, 0, 0, "diffie-hellman-group14-sha256"},
    {GB_SSHD_KEX, 0, 0, "diffie-hellman-group16-sha512"},
    {GB_SSHD_KEX, 0, 0, "diffie-hellman-group18-sha512"},
    {GB_SSHD_KEX, 0, 0, "diffie-hellman-group-exchange-sha1"},
    {GB_SSHD_KEX, 0, 0, "diffie-hellman-group-exchange-sha256"},
    {GB_SSHD_KEX, 0, 0, "ecdh-sha2-nistp256"},
    {GB_SSHD_KEX, 0, 0, "ecdh-sha2-nistp384"},
    {GB_SSHD_KEX, 0, 0, "ecdh-sha2-nistp521"},
    {GB_SSHD_KEX, 0, 0, "curve25519-sha256"},
    {GB_SSHD_KEX, 0, 0, "curve25519-sha256@libssh.org"},
    {GB_SSHD_KEX, 902, 0, "sntrup761x25519-sha512"},
    {GB_SSHD_KEX, 805, 0, "sntrup761x25519-sha512@openssh.com"},
    {GB_SSHD_KEX, 909, 0, "mlkem768x25519-sha256"},
    {GB_SSHD_KEYS, 0, 0, "ssh-ed25519"},
    {GB_SSHD_KEYS, 0, 0, "ssh-ed25519-cert-v01@openssh.com"},
    {GB_SSHD_KEYS, 802, 0, "sk-ssh-ed25519@openssh.com"},
    {GB_SSHD_KEYS, 802, 0, "sk-ssh-ed25519-cert-v01@openssh.com"},
    {GB_SSHD_KEYS, 0, 0, "ecdsa-sha2-nistp256"},
    {GB_SSHD_KEYS, 0, 0, "ecdsa-sha2-nistp256-cert-v01@openssh.com"},
    {GB_SSHD_KEYS, 0, 0, "ecdsa-sha2-nistp384"},
    {GB_SSHD_KEYS, 0, 0, "ecdsa-sha2-nistp384-cert-v01@openssh.com"},
    {GB_SSHD_KEYS, 0, 0, "ecdsa-sha2-nistp521"},
    {GB_SSHD_KEYS, 0, 0, "ecdsa-sha2-nistp521-cert-v01@openssh.com"},
    {GB_SSHD_KEYS, 802, 0, "sk-ecdsa-sha2-nistp256@openssh.com"},
    {GB_SSHD_KEYS, 802, 0, "sk-ecdsa-sha2-nistp256-cert-v01@openssh.com"},
    {GB_SSHD_KEYS, 804, 0, "webauthn-sk-ecdsa-sha2-nistp256@openssh.com"},
    {GB_SSHD_KEYS, 0, 1000, "ssh-dss"},
    {GB_SSHD_KEYS, 0, 1000, "ssh-dss-cert-v01@openssh.com"},
    {GB_SSHD_KEYS, 0, 0, "ssh-rsa"},
    {GB_SSHD_KEYS, 0, 0, "ssh-rsa-cert-v01@openssh.com"},
    {GB_SSHD_KEYS, 0, 0, "rsa-sha2-256"},
    {GB_SSHD_KEYS, 0, 0, "rsa-sha2-256-cert-v01@openssh.com"},
    {GB_SSHD_KEYS, 0, 0, "rsa-sha2-512"},
    {GB_SSHD_KEYS, 0, 0, "rsa-sha2-512-cert-v01@openssh.com"},
};

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

// OpenSSH has * and ? only: brackets and backslashes stand for themselves.
static bool matches_pattern(struct gb_str name, struct gb_str pattern, bool ignore_case)
{
    size_t n = 0, p = 0, star = SIZE_MAX, retry = 0;
    while (n < name.len) {
        char want = p < pattern.len ? pattern.at[p] : 0, have = name.at[n];
        if (p < pattern.len && want == '*') {
            star = p++;
            retry = n;
        } else if (p < pattern.len &&
                   (want == '?' || want == have || (ignore_case && lower(want) == lower(have)))) {
            p++;
            n++;
        } else if (star != SIZE_MAX) {
            p = star + 1;
            n = ++retry;
        } else {
            return false;
        }
    }
    while (p < pattern.len && pattern.at[p] == '*')
        p++;
    return p == pattern.len;
}

int gb_ssh_pattern_list(struct gb_str name, struct gb_str patterns, bool ignore_case)
{
    int answer = 0;
    struct gb_str pattern;
    while (gb_str_next(&patterns, ',', &pattern)) {
        bool negated = pattern.len && pattern.at[0] == '!';
        if (negated)
            pattern = gb_str_from(pattern, 1);
        if (!matches_pattern(name, pattern, ignore_case))
            continue;
        if (negated)
            return -1;
        answer = 1;
    }
    return answer;
}

static bool has_name(struct gb_str list, struct gb_str name)
{
    struct gb_str piece;
    while (gb_str_next(&list, ',', &piece))
        if (gb_str_eq(piece, name))
            return true;
    return false;
}

static void add_name(struct gb_buffer *out, struct gb_str name)
{
    if (has_name(gb_buffer_str(out), name))
        return;
    if (out->len)
        gb_buffer_char(out, ',');
    gb_buffer_add(out, name);
}

// All known names that match the pattern. Signatures of authorities are the keys without the
// certificates.
static void add_matching(struct gb_buffer *out, uint8_t which, unsigned version,
                         struct gb_str pattern)
{
    uint8_t list = which == GB_SSHD_SIGNATURES ? GB_SSHD_KEYS : which;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        struct gb_str name = gb_str_of(known[i].name);
        if (known[i].which != list || version < known[i].since ||
            (known[i].until && version >= known[i].until) ||
            (which == GB_SSHD_SIGNATURES && gb_str_contains(name, GB_STR("-cert-"))))
            continue;
        if (gb_ssh_pattern_list(name, pattern, false) == 1)
            add_name(out, name);
    }
}

struct gb_str gb_sshd_algorithms_expand(struct gb_arena *arena, uint8_t which, unsigned version,
                                        struct gb_str configured)
{
    GB_CLEANUP(gb_buffer_free) struct gb_buffer out = gb_buffer(64u << 10);
    struct gb_str standard = gb_str_of(gb_sshd_algorithms_default(which, version));
    char sign = configured.len ? configured.at[0] : 0;
    struct gb_str list =
        sign == '+' || sign == '-' || sign == '^' ? gb_str_from(configured, 1) : configured;
    struct gb_str rest, name;
    if (sign == '-' || configured.len == 0) {
        rest = standard;
        while (gb_str_next(&rest, ',', &name))
            if (configured.len == 0 || gb_ssh_pattern_list(name, list, false) != 1)
                add_name(&out, name);
        return gb_str_copy(arena, gb_buffer_str(&out));
    }
    for (int turn = 0; turn < 2; turn++) {
        bool standard_now = sign == '+' ? turn == 0 : turn == 1;
        if (standard_now && sign != '+' && sign != '^')
            continue;
        rest = standard_now ? standard : list;
        while (gb_str_next(&rest, ',', &name)) {
            if (standard_now)
                add_name(&out, name);
            else
                add_matching(&out, which, version, name);
        }
    }
    return gb_str_copy(arena, gb_buffer_str(&out));
}

unsigned gb_openssh_version(struct gb_str text)
{
    ptrdiff_t at = gb_str_find(text, GB_STR("OpenSSH_"));
    if (at < 0)
        return 0;
    struct gb_str rest = gb_str_from(text, (size_t)at + 8);
    unsigned parts[2] = {0, 0};
    size_t i = 0;
    for (int part = 0; part < 2; part++) {
        size_t digits = 0;
        while (i < rest.len && rest.at[i] >= '0' && rest.at[i] <= '9' && digits < 2) {
            parts[part] = parts[part] * 10 + (unsigned)(rest.at[i++] - '0');
            digits++;
        }
        if (digits == 0)
            return 0;
        if (part == 0 && (i >= rest.len || rest.at[i++] != '.'))
            return 0;
    }
    return parts[0] * 100 + parts[1];
}
