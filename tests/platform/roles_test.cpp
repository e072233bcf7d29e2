// Every endpoint against everybody who may knock, cell by cell. The table here is written by hand, apart from the one in
// admin_api.cpp: an endpoint that is added there without a row here fails.
#include <algorithm>

#include "platform/admin/api.hpp"
#include "platform/admin/operators.hpp"
#include "tests/platform/scene.hpp"

namespace tf::platform::test {
namespace {

struct Row {
  std::string_view method;
  std::string_view pattern;
  std::string_view path;  // the pattern filled in
  bool administrator, custodian, operator_, auditor;
};
constexpr bool yes = true;
constexpr bool no_ = false;
constexpr Row kTable[] = {
    //                                                                                  admin custod operat audit
    {"GET", "/admin/v1/status", "/admin/v1/status",                                      yes, yes, yes, yes},
    {"GET", "/admin/v1/estate", "/admin/v1/estate",                                      yes, yes, yes, yes},
    {"POST", "/admin/v1/estate", "/admin/v1/estate",                                     no_, no_, yes, no_},
    {"GET", "/admin/v1/estate/{}", "/admin/v1/estate/TF10000001",                        yes, yes, yes, yes},
    {"POST", "/admin/v1/estate/{}/deny", "/admin/v1/estate/TF10000001/deny",             no_, no_, yes, no_},
    {"POST", "/admin/v1/estate/{}/allow", "/admin/v1/estate/TF10000001/allow",           no_, no_, yes, no_},
    {"POST", "/admin/v1/estate/{}/forget-key", "/admin/v1/estate/TF10000001/forget-key", no_, no_, yes, no_},
    {"GET", "/admin/v1/rki/alarms", "/admin/v1/rki/alarms",                              yes, yes, yes, yes},
    {"GET", "/admin/v1/keys", "/admin/v1/keys",                                          yes, yes, yes, yes},
    {"GET", "/admin/v1/keys/{}", "/admin/v1/keys/TF10000001",                            yes, yes, yes, yes},
    {"POST", "/admin/v1/keys/{}/renew", "/admin/v1/keys/TF10000001/renew",               no_, no_, yes, no_},
    {"POST", "/admin/v1/keys/{}/export", "/admin/v1/keys/TF10000001/export",             no_, yes, no_, no_},
    {"POST", "/admin/v1/keys/{}/import", "/admin/v1/keys/TF10000001/import",             no_, yes, no_, no_},
    {"GET", "/admin/v1/zones", "/admin/v1/zones",                                        yes, yes, yes, yes},
    {"POST", "/admin/v1/zones/{}/components", "/admin/v1/zones/acquirer/components",     no_, yes, no_, no_},
    {"GET", "/admin/v1/batches", "/admin/v1/batches",                                    yes, yes, yes, yes},
    {"POST", "/admin/v1/batches", "/admin/v1/batches",                                   yes, no_, no_, no_},
    {"POST", "/admin/v1/batches/{}/log", "/admin/v1/batches/batch-1/log",                no_, no_, yes, no_},
    {"GET", "/admin/v1/operators", "/admin/v1/operators",                                yes, no_, no_, yes},
    {"POST", "/admin/v1/operators", "/admin/v1/operators",                               yes, no_, no_, no_},
    {"POST", "/admin/v1/operators/self/renew", "/admin/v1/operators/self/renew",         yes, yes, yes, yes},
    {"POST", "/admin/v1/operators/{}/revoke", "/admin/v1/operators/nobody/revoke",       yes, no_, no_, no_},
    {"POST", "/admin/v1/work/request", "/admin/v1/work/request",                         yes, no_, no_, no_},
    {"POST", "/admin/v1/work/install", "/admin/v1/work/install",                         yes, no_, no_, no_},
    {"POST", "/admin/v1/access/codes", "/admin/v1/access/codes",                         no_, no_, yes, no_},
    {"GET", "/admin/v1/access/bindings", "/admin/v1/access/bindings",                    yes, yes, yes, yes},
    {"POST", "/admin/v1/access/bindings/{}/revoke", "/admin/v1/access/bindings/k/revoke", no_, no_, yes, no_},
    {"GET", "/admin/v1/access/alarms", "/admin/v1/access/alarms",                        yes, yes, yes, yes},
    {"POST", "/admin/v1/access/alarms/{}/approve", "/admin/v1/access/alarms/a/approve",  no_, no_, yes, no_},
    {"GET", "/admin/v1/access/keys", "/admin/v1/access/keys",                            yes, yes, yes, yes},
    {"POST", "/admin/v1/access/keys/rotate", "/admin/v1/access/keys/rotate",             yes, no_, no_, no_},
    {"GET", "/admin/v1/peers", "/admin/v1/peers",                                        yes, yes, yes, yes},
    {"POST", "/admin/v1/peers", "/admin/v1/peers",                                       yes, no_, no_, no_},
    {"POST", "/admin/v1/peers/{}/revoke", "/admin/v1/peers/nobody/revoke",               yes, no_, no_, no_},
    {"GET", "/admin/v1/pki/certificates", "/admin/v1/pki/certificates",                  yes, yes, yes, yes},
    {"POST", "/admin/v1/pki/certificates", "/admin/v1/pki/certificates",                 no_, no_, yes, no_},
    {"GET", "/admin/v1/pki/certificates/{}", "/admin/v1/pki/certificates/AB12",          yes, yes, yes, yes},
    {"POST", "/admin/v1/pki/certificates/{}/renew", "/admin/v1/pki/certificates/AB12/renew", no_, no_, yes, no_},
    {"POST", "/admin/v1/pki/certificates/{}/revoke", "/admin/v1/pki/certificates/AB12/revoke", no_, no_, yes, no_},
    {"POST", "/admin/v1/pki/certificates/{}/release", "/admin/v1/pki/certificates/AB12/release", no_, no_, yes, no_},
    {"POST", "/admin/v1/pki/holders/revoke", "/admin/v1/pki/holders/revoke",             no_, no_, yes, no_},
    {"GET", "/admin/v1/pki/authorities", "/admin/v1/pki/authorities",                    yes, yes, yes, yes},
    {"GET", "/admin/v1/pki/profiles", "/admin/v1/pki/profiles",                          yes, yes, yes, yes},
    {"POST", "/admin/v1/pki/profiles", "/admin/v1/pki/profiles",                         yes, no_, no_, no_},
    {"GET", "/admin/v1/pki/crls/{}/{}", "/admin/v1/pki/crls/users/0",                    yes, yes, yes, yes},
    {"GET", "/admin/v1/pki/est/codes", "/admin/v1/pki/est/codes",                        yes, yes, yes, yes},
    {"POST", "/admin/v1/pki/est/codes", "/admin/v1/pki/est/codes",                       no_, no_, yes, no_},
    {"POST", "/admin/v1/pki/est/codes/{}/approve", "/admin/v1/pki/est/codes/e-0/approve", no_, no_, yes, no_},
    {"POST", "/admin/v1/pki/est/codes/{}/remove", "/admin/v1/pki/est/codes/e-0/remove",  no_, no_, yes, no_},
    {"GET", "/admin/v1/wallet/registrations", "/admin/v1/wallet/registrations",              yes, yes, yes, yes},
    {"GET", "/admin/v1/wallet/registrations/{}", "/admin/v1/wallet/registrations/none",      yes, yes, yes, yes},
    {"POST", "/admin/v1/wallet/registrations/{}/approve", "/admin/v1/wallet/registrations/none/approve",no_, no_, yes, no_},
    {"POST", "/admin/v1/wallet/registrations/{}/unlock", "/admin/v1/wallet/registrations/none/unlock",no_, no_, yes, no_},
    {"POST", "/admin/v1/wallet/registrations/{}/close", "/admin/v1/wallet/registrations/none/close",no_, no_, yes, no_},
    {"GET", "/admin/v1/wallet/alarms", "/admin/v1/wallet/alarms",                            yes, yes, yes, yes},
    {"GET", "/admin/v1/wallet/front-ends", "/admin/v1/wallet/front-ends",                    yes, yes, yes, yes},
    {"GET", "/admin/v1/wallet/totals", "/admin/v1/wallet/totals",                            yes, yes, yes, yes},
    {"GET", "/admin/v1/cardsign/manufacturers", "/admin/v1/cardsign/manufacturers", yes, yes, yes, yes},
    {"POST", "/admin/v1/cardsign/manufacturers", "/admin/v1/cardsign/manufacturers", yes, no_, no_, no_},
    {"GET", "/admin/v1/cardsign/record-key", "/admin/v1/cardsign/record-key", yes, yes, yes, yes},
    {"GET", "/admin/v1/cardsign/cards", "/admin/v1/cardsign/cards", yes, yes, yes, yes},
    {"POST", "/admin/v1/cardsign/cards", "/admin/v1/cardsign/cards", no_, no_, yes, no_},
    {"GET", "/admin/v1/cardsign/cards/{}", "/admin/v1/cardsign/cards/X", yes, yes, yes, yes},
    {"POST", "/admin/v1/cardsign/cards/{}/assign", "/admin/v1/cardsign/cards/X/assign", no_, no_, yes, no_},
    {"POST", "/admin/v1/cardsign/cards/{}/containers", "/admin/v1/cardsign/cards/X/containers", no_, no_, yes, no_},
    {"POST", "/admin/v1/cardsign/cards/{}/containers/{}/remove", "/admin/v1/cardsign/cards/X/containers/1/remove", no_, no_, yes, no_},
    {"POST", "/admin/v1/cardsign/cards/{}/withdraw", "/admin/v1/cardsign/cards/X/withdraw", no_, no_, yes, no_},
    {"POST", "/admin/v1/cardsign/cards/{}/renew", "/admin/v1/cardsign/cards/X/renew", no_, no_, yes, no_},
    {"POST", "/admin/v1/cardsign/cards/{}/number", "/admin/v1/cardsign/cards/X/number", no_, no_, yes, no_},
    {"GET", "/admin/v1/cardsign/users/{}/instruments", "/admin/v1/cardsign/users/X/instruments", yes, yes, yes, yes},
    {"POST", "/admin/v1/cardsign/users/{}/instruments", "/admin/v1/cardsign/users/X/instruments", no_, no_, yes, no_},
    {"GET", "/admin/v1/cardsign/payments/{}", "/admin/v1/cardsign/payments/X", yes, yes, yes, yes},
    {"GET", "/admin/v1/cardsign/alarms", "/admin/v1/cardsign/alarms", yes, yes, yes, yes},
    {"GET", "/admin/v1/payments/open", "/admin/v1/payments/open",                        yes, yes, yes, yes},
    {"GET", "/admin/v1/payments/lines", "/admin/v1/payments/lines",                      yes, yes, yes, yes},
    {"GET", "/admin/v1/payments/reconcile", "/admin/v1/payments/reconcile",              yes, yes, yes, yes},
    {"POST", "/admin/v1/payments/reconcile", "/admin/v1/payments/reconcile",             no_, no_, yes, no_},
    {"POST", "/admin/v1/payments/orders/{}/decide", "/admin/v1/payments/orders/1/decide", yes, no_, yes, no_},
    {"GET", "/admin/v1/payments/decisions", "/admin/v1/payments/decisions",              yes, yes, yes, yes},
    {"GET", "/admin/v1/merchants", "/admin/v1/merchants",                                yes, yes, yes, yes},
    {"POST", "/admin/v1/merchants", "/admin/v1/merchants",                               yes, no_, no_, no_},
};

bool allowed(const Row& row, std::string_view who) {
  return who == "administrator" ? row.administrator : who == "custodian-1" ? row.custodian : who == "operator" ? row.operator_ : row.auditor;
}

class Roles : public testing::Test {
 protected:
  int status(std::string_view method, std::string_view path, std::optional<Bytes> certificate) {
    wire::HttpRequest request;
    request.method = method;
    request.path = path;
    request.client_certificate = std::move(certificate);
    return handle_admin(*scene.context, request).status;
  }
  // Issued by our operations CA, but never registered.
  Bytes stranger() {
    const auto key = crypto::PrivateKey::generate_p256();
    const auto ca = must(scene.opened->certificates->current(kind::operations_ca));
    const pki::Issuer issuer{ca.certificate, must(scene.opened->vault->signing_handle(ca.key_name))};
    SystemRandom random;
    return must(pki::issue_operator_certificate(issuer, "operator", key.public_key(), {scene.clock.now_ms(), 30}, random)).der();
  }
  Scene scene;
};

TEST_F(Roles, has_a_row_for_every_endpoint_and_no_other) {
  for (const Endpoint& endpoint : admin_endpoints()) {
    const auto rows = std::ranges::count_if(kTable, [&](const Row& row) { return row.method == endpoint.method && row.pattern == endpoint.path; });
    EXPECT_EQ(rows, 1) << endpoint.method << " " << endpoint.path << " is not in this test's table";
  }
  EXPECT_EQ(admin_endpoints().size(), std::size(kTable));
}

TEST_F(Roles, open_and_close_every_endpoint_as_the_table_says) {
  for (const std::string_view who : {"administrator", "custodian-1", "operator", "auditor"}) {
    const Bytes certificate = scene.certificate_of(who);
    for (const Row& row : kTable) {
      SCOPED_TRACE(std::string(who) + ": " + std::string(row.method) + " " + std::string(row.path));
      scene.mark();
      const int answer = status(row.method, row.path, certificate);
      const auto entries = scene.audited();
      const auto denials = std::ranges::count(entries, "admin.call", &AuditLine::action);
      if (allowed(row, who)) {
        EXPECT_NE(answer, 401);
        EXPECT_NE(answer, 403);
        EXPECT_EQ(denials, 0);
        continue;
      }
      EXPECT_EQ(answer, 403);
      ASSERT_EQ(entries.size(), 1U);
      EXPECT_EQ(entries[0].action, "admin.call");
      EXPECT_EQ(entries[0].actor, "operator:" + std::string(who));
      EXPECT_EQ(entries[0].subject, std::string(row.method) + " " + std::string(row.path));
      EXPECT_EQ(entries[0].outcome, "refused");
      EXPECT_EQ(entries[0].reason, "platform.role_not_allowed");
    }
  }
}

TEST_F(Roles, let_nobody_in_without_a_certificate) {
  for (const Row& row : kTable) EXPECT_EQ(status(row.method, row.path, std::nullopt), 401) << row.method << " " << row.path;
  EXPECT_TRUE(scene.audited().empty());
}

TEST_F(Roles, let_no_stranger_in_whom_the_right_ca_vouches_for) {
  const Bytes certificate = stranger();
  for (const Row& row : kTable) EXPECT_EQ(status(row.method, row.path, certificate), 403) << row.method << " " << row.path;
  EXPECT_TRUE(scene.audited().empty()) << "strangers must not be able to fill the audit trail";
}

TEST_F(Roles, let_no_revoked_operator_in) {
  for (const std::string_view who : {"administrator", "custodian-1", "operator", "auditor"}) {
    const Bytes certificate = scene.certificate_of(who);
    EXPECT_EQ(status("GET", "/admin/v1/status", certificate), 200);
    ASSERT_OK(revoke_operator(*scene.context, "system", std::string(who)));
    for (const Row& row : kTable) EXPECT_EQ(status(row.method, row.path, certificate), 403) << who << ": " << row.method << " " << row.path;
  }
}

TEST_F(Roles, deny_by_default_what_is_not_in_the_table) {
  const Bytes administrator = scene.certificate_of("administrator");
  const std::pair<std::string_view, std::string_view> unknown[] = {
      {"DELETE", "/admin/v1/estate"},          {"PUT", "/admin/v1/operators"},         {"get", "/admin/v1/status"},
      {"GET", "/admin/v1/"},                   {"GET", "/admin/v1/status/"},           {"GET", "/admin/v1"},
      {"GET", "/admin/v2/status"},             {"GET", "/"},                           {"GET", ""},
      {"GET", "/admin/v1/estate/"},            {"GET", "/admin/v1/estate/A/B"},        {"POST", "/admin/v1/estate//deny"},
      {"POST", "/admin/v1/work"},              {"GET", "//admin/v1/status"},           {"GET", "admin/v1/status"},
      {"POST", "/admin/v1/operators/revoke"},  {"GET", "/metrics"},                    {"HEAD", "/admin/v1/status"},
  };
  for (const auto& [method, path] : unknown) {
    EXPECT_EQ(status(method, path, administrator), 404) << method << " " << path;
    EXPECT_EQ(status(method, path, std::nullopt), 401) << method << " " << path;
    EXPECT_EQ(status(method, path, stranger()), 403) << method << " " << path;
  }
  EXPECT_EQ(status("GET", "/admin/v1/estate/" + std::string(65, 'A'), administrator), 404);
}

TEST_F(Roles, know_a_certificate_by_all_its_bytes) {
  Bytes certificate = scene.certificate_of("operator");
  certificate.back() ^= 1;
  EXPECT_EQ(status("GET", "/admin/v1/status", certificate), 403);
  EXPECT_EQ(status("GET", "/admin/v1/status", Bytes()), 403);
}

TEST_F(Roles, refuse_everybody_while_the_database_does_not_answer) {
  scene.database->fail_reads = true;
  EXPECT_EQ(status("GET", "/admin/v1/status", scene.certificate_of("administrator")), 503);
}

TEST(RoleNames, are_read_as_they_are_written) {
  for (const Role role : kRoles) EXPECT_EQ(must(parse_role(name_of(role))), role);
  EXPECT_REFUSED(parse_role("root"), Code::invalid, "platform.role");
  EXPECT_REFUSED(parse_role(""), Code::invalid, "platform.role");
  EXPECT_REFUSED(parse_role("Auditor"), Code::invalid, "platform.role");
}

}  // namespace
}  // namespace tf::platform::test
