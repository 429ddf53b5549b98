// What a product id of a CSAF document stands for: package, version, module, release (csaf.h).
#include "source/feed/csaf.h"
#include "source/feed/scope.h"

enum { CHAIN_MAX = 6 }; // package, module, stream: longer chains are loops

static const struct gb_csaf_product *find(const struct gb_csaf *csaf, struct gb_str id)
{
    return id.len ? gb_map_get(&csaf->products, id) : NULL;
}

static void index_remarks(struct gb_csaf_remarks *remarks, struct gb_arena *arena)
{
    remarks->indexed = true;
    remarks->by_product = gb_map(arena);
    for (size_t i = 0; i < remarks->count; i++) {
        struct gb_csaf_remark *remark = &remarks->at[i];
        if (!remark->products.count && !remarks->all)
            remarks->all = remark;
        // A map that runs out of memory leaves the arena failed, which the caller looks at.
        for (size_t k = 0; k < remark->products.count; k++)
            if (!gb_map_get(&remarks->by_product, remark->products.at[k]) &&
                gb_map_set(&remarks->by_product, remark->products.at[k], remark) < 0)
                return;
    }
}

const struct gb_csaf_remark *gb_csaf_remark_of(struct gb_csaf_remarks *remarks,
                                               struct gb_str product_id, struct gb_arena *arena)
{
    if (!remarks->indexed)
        index_remarks(remarks, arena);
    const struct gb_csaf_remark *remark =
        remarks->count ? gb_map_get(&remarks->by_product, product_id) : NULL;
    return remark ? remark : remarks->all;
}

// "cpe:/o:redhat:enterprise_linux:9::baseos", "cpe:2.3:o:suse:...": what is behind the vendor.
static struct gb_str behind_vendor(struct gb_str cpe, const char *vendor)
{
    static const char *const fronts[] = {"cpe:/o:", "cpe:/a:", "cpe:2.3:o:", "cpe:2.3:a:"};
    for (size_t i = 0; i < sizeof fronts / sizeof *fronts; i++) {
        if (!gb_str_starts(cpe, gb_str_of(fronts[i])))
            continue;
        struct gb_str rest = gb_str_from(cpe, strlen(fronts[i]));
        size_t len = strlen(vendor);
        if (gb_str_starts(rest, gb_str_of(vendor)) && rest.len > len && rest.at[len] == ':')
            return gb_str_from(rest, len + 1);
    }
    return (struct gb_str){0};
}

static struct gb_str scope_of(const struct gb_csaf_product *platform, struct gb_arena *arena)
{
    struct gb_str redhat = behind_vendor(platform->cpe, "redhat");
    if (redhat.len)
        return gb_feed_scope_of_redhat(redhat, arena);
    bool suse = behind_vendor(platform->cpe, "suse").len ||
                behind_vendor(platform->cpe, "opensuse").len ||
                gb_str_starts(platform->name, GB_STR("SUSE ")) ||
                gb_str_starts(platform->name, GB_STR("openSUSE "));
    return suse ? gb_feed_scope_of_suse(platform->name, arena) : (struct gb_str){0};
}

// "nodejs:16:8070020230403:b0e1" -> "nodejs:16".
static struct gb_str module_of(struct gb_str text)
{
    ptrdiff_t first = gb_str_find_char(text, ':');
    if (first < 0)
        return (struct gb_str){0};
    ptrdiff_t second = gb_str_find_char(gb_str_from(text, (size_t)first + 1), ':');
    return second < 0 ? text : gb_str_sub(text, 0, (size_t)first + 1 + (size_t)second);
}

static void take_purl(struct gb_csaf_package *p, struct gb_arena *arena)
{
    p->name = p->purl.name;
    p->version = p->purl.version;
    p->arch = gb_purl_qualifier(&p->purl, "arch");
    p->is_rpm = gb_str_is(p->purl.type, "rpm");
    struct gb_str epoch = gb_purl_qualifier(&p->purl, "epoch");
    if (epoch.len && p->version.len && !gb_str_is(epoch, "0"))
        p->version = gb_str_format(arena, GB_PRI ":" GB_PRI, GB_ARG(epoch), GB_ARG(p->version));
    struct gb_str module = gb_purl_qualifier(&p->purl, "rpmmod");
    if (module.len)
        p->module = module_of(module);
}

// "openssl-1_1-1.1.1l-150500.17.25.1.x86_64", or a name alone, where there is no purl.
static void take_name(struct gb_csaf_package *p, struct gb_str text)
{
    static const char *const architectures[] = {"x86_64", "aarch64", "noarch", "src",   "i586",
                                                "i686",   "ppc64le", "s390x",  "nosrc", "armv7hl"};
    p->is_rpm = true;
    p->name = text;
    ptrdiff_t point = gb_str_rfind_char(text, '.');
    struct gb_str arch = point < 0 ? (struct gb_str){0} : gb_str_from(text, (size_t)point + 1);
    for (size_t i = 0; i < sizeof architectures / sizeof *architectures; i++) {
        if (!gb_str_is(arch, architectures[i]))
            continue;
        struct gb_str whole = gb_str_sub(text, 0, (size_t)point);
        ptrdiff_t release = gb_str_rfind_char(whole, '-');
        ptrdiff_t version =
            release < 0 ? -1 : gb_str_rfind_char(gb_str_sub(whole, 0, (size_t)release), '-');
        if (version <= 0)
            return;
        p->name = gb_str_sub(whole, 0, (size_t)version);
        p->version = gb_str_from(whole, (size_t)version + 1);
        p->arch = arch;
        return;
    }
}

bool gb_csaf_package_of(const struct gb_csaf *csaf, struct gb_str product_id,
                        struct gb_arena *arena, struct gb_csaf_package *ret)
{
    *ret = (struct gb_csaf_package){0};
    const struct gb_csaf_product *product = find(csaf, product_id), *platform = NULL;
    if (!product)
        return false;
    const struct gb_csaf_product *component = product;
    for (int i = 0; i < CHAIN_MAX && component && component->component.len; i++) {
        if (!platform)
            platform = find(csaf, component->platform);
        component = find(csaf, component->component);
    }
    struct gb_str text = component && component->purl.len ? component->purl : product->purl;
    ret->has_purl = text.len && gb_purl_parse(text, arena, &ret->purl, NULL) == GB_OK;
    ret->text = text;
    if (ret->has_purl)
        take_purl(ret, arena);
    else if (component && component != product && component->name.len)
        take_name(ret, component->name);
    // A module, or the release: a package of a module relates to the module, that to the release.
    for (int i = 0; i < CHAIN_MAX && platform; i++) {
        struct gb_purl purl;
        const struct gb_csaf_product *of =
            platform->component.len ? find(csaf, platform->component) : platform;
        if (of && !ret->module.len && of->purl.len &&
            gb_purl_parse(of->purl, arena, &purl, NULL) == GB_OK && gb_str_is(purl.type, "rpmmod"))
            ret->module = module_of(
                gb_str_format(arena, GB_PRI ":" GB_PRI, GB_ARG(purl.name), GB_ARG(purl.version)));
        if (!platform->platform.len) {
            ret->scope = scope_of(platform, arena);
            break;
        }
        platform = find(csaf, platform->platform);
    }
    return ret->name.len > 0;
}
