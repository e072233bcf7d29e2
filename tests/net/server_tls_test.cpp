#include "tests/net/fixture.hpp"

namespace tf::net::test {
namespace {

class ServerTls : public ServerTest {
 protected:
  // Says whether a verified certificate came with the request, and which.
  static HttpResponse name_client(const HttpRequest& request) {
    const auto& der = request.client_certificate;
    return {200, "text/plain", der ? std::string(as_text(*der)) : "none", {}};
  }
  Identity device_root = make_identity({.name = "device root", .is_authority = true});
  Identity device = make_identity({.name = "device"}, &device_root);
};

TEST_F(ServerTls, speaks_1_3_and_refuses_1_2) {
  start();
  RawClient modern(server.port());
  ASSERT_TRUE(modern.handshake());
  EXPECT_STREQ(modern.tls_version(), "TLSv1.3");
  RawClient old(server.port());
  EXPECT_FALSE(old.handshake(TLS1_2_VERSION));
}

TEST_F(ServerTls, speaks_1_2_when_allowed_but_nothing_older) {
  tls.allow_tls12 = true;
  start();
  RawClient old(server.port());
  ASSERT_TRUE(old.handshake(TLS1_2_VERSION));
  EXPECT_EQ(status_in(old.request(get("/"))), 200);
  RawClient older(server.port());
  EXPECT_FALSE(older.handshake(TLS1_1_VERSION));
}

TEST_F(ServerTls, gives_nothing_to_resume_with) {
  tls.allow_tls12 = true;
  start();
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    RawClient raw(server.port());
    ASSERT_TRUE(raw.handshake(version));
    EXPECT_EQ(status_in(raw.request(get("/"))), 200);
    EXPECT_FALSE(raw.resumable()) << raw.tls_version();
  }
}

TEST_F(ServerTls, hands_a_verified_client_certificate_to_the_handler) {
  tls.client_anchors = {device_root.certificate};
  start(name_client);
  auto own = client_options();
  own.chain = {device.certificate};
  own.key = device.key;
  HttpClient one = client(own);
  for (int i = 0; i < 2; ++i) EXPECT_EQ(one.request({}).value().body, as_text(der_of(device.certificate)));
}

TEST_F(ServerTls, asks_for_a_client_certificate_without_forcing_it) {
  tls.client_anchors = {device_root.certificate};
  start(name_client);
  EXPECT_EQ(client().request({}).value().body, "none");
}

TEST_F(ServerTls, does_not_look_at_client_certificates_it_did_not_ask_for) {
  start(name_client);
  auto own = client_options();
  own.chain = {device.certificate};
  own.key = device.key;
  EXPECT_EQ(client(own).request({}).value().body, "none");
}

TEST_F(ServerTls, refuses_client_certificates_of_another_authority_and_expired_ones) {
  tls.client_anchors = {device_root.certificate};
  tls.allow_tls12 = true;
  start(name_client);
  const Identity other_root = make_identity({.name = "device root", .is_authority = true});
  const Identity expired = make_identity({.name = "device", .expired = true}, &device_root);
  const Identity self_signed = make_identity({.name = "device"});
  for (const Identity& bad : {make_identity({.name = "device"}, &other_root), expired, self_signed}) {
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
      RawClient raw(server.port());
      // In TLS 1.3 the client learns of it only when it reads.
      if (raw.handshake(version, &bad)) EXPECT_EQ(raw.request(get("/")), "");
    }
    auto own = client_options();
    own.chain = {bad.certificate};
    own.key = bad.key;
    const auto response = client(own).request({});
    ASSERT_FALSE(response);
    EXPECT_EQ(response.error().code, Code::refused) << describe(response.error());
    EXPECT_STREQ(response.error().reason, "net.tls");
  }
}

TEST_F(ServerTls, changes_its_certificate_for_new_connections_only) {
  start();
  RawClient before(server.port());
  ASSERT_TRUE(before.handshake());
  const Identity renewed = make_identity({.name = "leaf 2", .alternative_name = "DNS:localhost"}, &root);
  ASSERT_TRUE(server.replace_tls({.chain = {renewed.certificate}, .key = renewed.key}));
  RawClient after(server.port());
  ASSERT_TRUE(after.handshake());
  EXPECT_EQ(before.server_certificate(), der_of(leaf.certificate));
  EXPECT_EQ(after.server_certificate(), der_of(renewed.certificate));
  EXPECT_EQ(status_in(before.request(get("/"))), 200);
  EXPECT_FALSE(server.replace_tls({.chain = {renewed.certificate}, .key = leaf.key}));
  EXPECT_EQ(client().request({}).value().status, 200);
}

TEST_F(ServerTls, sends_its_chain) {
  const Identity between = make_identity({.name = "between", .is_authority = true}, &root);
  const Identity deep = make_identity({.name = "deep", .alternative_name = "DNS:localhost"}, &between);
  tls = {.chain = {deep.certificate, between.certificate}, .key = deep.key};
  start();
  EXPECT_EQ(client().request({}).value().status, 200);
  ASSERT_TRUE(server.replace_tls({.chain = {deep.certificate}, .key = deep.key}));
  EXPECT_FALSE(client().request({}));
}

TEST(TlsObjects, come_from_der_and_pem_and_refuse_garbage) {
  const Identity one = make_identity({.name = "one"});
  const Bytes der = der_of(one.certificate);
  EXPECT_EQ(der_of(certificate_from_der(der).value()), der);
  Bytes longer = der;
  longer.push_back(0);
  EXPECT_FALSE(certificate_from_der(longer));
  EXPECT_FALSE(certificate_from_der(ByteView(der).first(der.size() - 1)));
  const std::string pem = pem_of(one.certificate);
  EXPECT_EQ(certificates_from_pem(pem + pem).value().size(), 2u);
  EXPECT_FALSE(certificates_from_pem(""));
  EXPECT_FALSE(certificates_from_pem(pem + "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"));
  EXPECT_TRUE(private_key_from_pem(as_bytes(pem_of(one.key))));
  EXPECT_FALSE(private_key_from_pem(as_bytes(pem)));
}

}  // namespace
}  // namespace tf::net::test
