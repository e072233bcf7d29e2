// Terminals through a real enriching nginx: what works, and what a SIM or a header in the wrong place gets.
#include "tests/access_e2e/scene.hpp"

namespace tf::test {
namespace {

std::string reason_of(const Finished& done) {
  const std::size_t at = done.err.find("refused: ");
  return at == std::string::npos ? done.err : done.err.substr(at + 9, done.err.find('"', at + 9) - at - 9);
}

class AccessGateway : public testing::Test {
 protected:
  AccessScene& scene = AccessScene::get();
  Phone phone = scene.phone();

  void enrolled(const std::string& service = "bank") {
    const Finished done = scene.terminal("init", phone, service, {"--code", scene.code(service, phone.did)});
    ASSERT_EQ(done.exit_code, 0) << done.err << scene.log();
  }
  std::string ticket(const std::string& service = "bank") {
    const Finished done = scene.terminal("authenticate", phone, service);
    EXPECT_EQ(done.exit_code, 0) << done.err;
    return done.exit_code == 0 ? json_of(done.out).text("ticket", 8192).value() : "";
  }
  wire::JsonObject claims(const std::string& ticket, const std::string& audience = "bank", int expected = 0) {
    write_text(scene.in("tickets.jwks"), curl({.url = scene.access_url() + "/access/v1/jwks", .method = "GET", .root = scene.platform() + "/root.crt"}).body);
    const Finished done = run({"node", std::string(TRUSTFERRY_SOURCE_DIR) + "/tests/clients/ticket.mjs", scene.in("tickets.jwks"), audience, ticket});
    EXPECT_EQ(done.exit_code, expected) << done.out << done.err;
    return json_of(done.out);
  }
};

TEST_F(AccessGateway, a_terminal_agrees_a_key_and_gets_a_ticket_that_a_service_trusts_offline) {
  enrolled();
  auto claimed = claims(ticket());
  EXPECT_EQ(claimed.text("iss").value(), "trustferry");
  EXPECT_FALSE(claimed.has("msisdn")) << "the number leaves the platform only where the service's policy says so";
  claims(ticket(), "another-audience", 2);
  std::string altered = ticket();
  altered[altered.find('.') + 5] ^= 1;
  claims(altered, "bank", 2);
}

TEST_F(AccessGateway, a_stock_terminal_in_node_does_the_same_with_either_platform_key) {
  for (const char* kind : {"EC", "RSA"}) {
    for (const char* suite : {"modern", "classic"}) {
      const Phone own = scene.phone();
      const Finished done = scene.node(own, "news", "", kind, {.spoof = "", .suite = suite});
      ASSERT_EQ(done.exit_code, 0) << suite << kind << done.out << done.err << scene.log();
      EXPECT_EQ(claims(json_of(done.out).text("ticket", 8192).value(), "news").text("msisdn").value(), own.msisdn);
    }
  }
  const Finished coded = scene.node(phone, "bank", scene.code("bank", phone.did));
  EXPECT_EQ(coded.exit_code, 0) << coded.out;
}

TEST_F(AccessGateway, the_sources_own_flow_works_in_its_forms_where_the_service_takes_it) {
  const std::vector<std::vector<std::string>> forms{{}, {"--did-beside"}, {"--info", "meter, 3 phases"}, {"--kid", "access.rsa.1"}};
  for (std::vector<std::string> form : forms) {
    phone = scene.phone();
    form.insert(form.end(), {"--suite", "classic"});
    const Finished done = scene.terminal("init", phone, "news", form);
    ASSERT_EQ(done.exit_code, 0) << done.err << scene.log();
    EXPECT_FALSE(ticket("news").empty());
  }
  EXPECT_EQ(reason_of(scene.terminal("init", phone, "bank", {"--suite", "classic", "--code", scene.code("bank", phone.did)})), "refused");
  EXPECT_EQ(scene.last_refusal("access.suite"), "access.suite");
}

TEST_F(AccessGateway, the_old_key_lets_its_did_move_to_another_sim) {
  enrolled("news");
  const Phone before = phone;
  const Phone other = scene.phone();
  phone.address = other.address;
  phone.msisdn = other.msisdn;
  EXPECT_EQ(reason_of(scene.terminal("authenticate", phone, "news")), "number") << "until its owner says so";
  EXPECT_EQ(scene.terminal("init", phone, "news").exit_code, 0) << scene.log();
  EXPECT_FALSE(ticket("news").empty());
  EXPECT_EQ(reason_of(scene.terminal("authenticate", before, "news")), "number") << "the old SIM no longer fits";
}

TEST_F(AccessGateway, a_restart_of_the_platform_loses_no_key) {
  enrolled();
  const std::string before = json_of(scene.terminal("show", phone, "bank").out).text("key_id").value();
  scene.restart();
  EXPECT_FALSE(ticket().empty());
  EXPECT_EQ(json_of(scene.terminal("show", phone, "bank").out).text("key_id").value(), before);
}

TEST_F(AccessGateway, a_revoked_binding_makes_the_terminal_initialise_again) {
  enrolled("news");
  const std::string before = json_of(scene.terminal("show", phone, "news").out).text("key_id").value();
  scene.must_run({"access", "bindings", "revoke", before});
  EXPECT_FALSE(ticket("news").empty());
  EXPECT_NE(json_of(scene.terminal("show", phone, "news").out).text("key_id").value(), before);
}

TEST_F(AccessGateway, a_sim_in_another_terminal_is_refused_until_an_operator_approves) {
  enrolled("news");
  Phone thief = phone;
  thief.did = phone.did + "-OTHER";
  EXPECT_EQ(reason_of(scene.terminal("init", thief, "news")), "waiting");
  EXPECT_EQ(scene.last_refusal("access.bound_otherwise"), "access.bound_otherwise");
  EXPECT_FALSE(ticket("news").empty()) << "the true terminal goes on meanwhile";
  std::string alarm;
  auto listed = scene.ask({"access", "alarms"});
  for (auto& entry : listed.objects("alarms", 1000).value())
    if (entry.text("did").value() == thief.did && entry.text("state").value() == "open") alarm = entry.text("id").value();
  ASSERT_FALSE(alarm.empty());
  scene.must_run({"access", "bindings", "approve", alarm});
  EXPECT_EQ(scene.terminal("init", thief, "news").exit_code, 0);
}

TEST_F(AccessGateway, a_terminal_with_another_sim_is_refused) {
  enrolled();
  const Phone other = scene.phone();
  Phone moved = phone;
  moved.address = other.address;  // the SIM of the other phone, the number still ours
  EXPECT_EQ(reason_of(scene.terminal("authenticate", moved, "bank")), "number");
  EXPECT_EQ(scene.last_refusal("access.number_differs"), "access.number_differs");
  moved.msisdn = other.msisdn;  // and now it says so
  EXPECT_EQ(reason_of(scene.terminal("authenticate", moved, "bank")), "number");
  EXPECT_FALSE(ticket().empty()) << "a refusal erases nothing";
}

TEST_F(AccessGateway, a_number_the_sender_sets_is_stripped) {
  Phone unknown{"SPOOFER", "127.0.1.250", phone.msisdn};
  const Finished done = scene.node(unknown, "news", "", "EC", {.spoof = phone.msisdn});
  EXPECT_EQ(done.exit_code, 2);
  EXPECT_EQ(json_of(done.out).text("refused").value(), "number");
  EXPECT_EQ(scene.last_refusal("access.number_missing"), "access.number_missing");
}

TEST_F(AccessGateway, a_request_around_the_gateway_is_refused) {
  enrolled();
  const Finished done = scene.terminal("authenticate", phone, "bank", {"--url", scene.access_url(), "--root", scene.platform() + "/root.crt"});
  EXPECT_EQ(reason_of(done), "number");
  EXPECT_EQ(scene.last_refusal("access.number_missing"), "access.number_missing");
}

TEST_F(AccessGateway, a_service_without_a_gateway_binds_to_the_did_alone) {
  const std::vector<std::string> direct{"--url", scene.access_url(), "--root", scene.platform() + "/root.crt"};
  Phone meter{"METER-1", "127.0.0.1", ""};
  EXPECT_EQ(scene.terminal("init", meter, "meter", direct).exit_code, 0);
  EXPECT_EQ(scene.terminal("authenticate", meter, "meter", direct).exit_code, 0);
}

TEST_F(AccessGateway, enrolment_wants_its_proof_and_a_code_works_once) {
  EXPECT_EQ(reason_of(scene.terminal("init", phone, "bank")), "enrolment");
  EXPECT_EQ(scene.last_refusal("access.no_proof"), "access.no_proof");
  const std::string code = scene.code("bank", phone.did);
  EXPECT_EQ(scene.terminal("init", phone, "bank", {"--code", code}).exit_code, 0);
  EXPECT_FALSE(ticket().empty());
  EXPECT_EQ(reason_of(scene.terminal("init", phone, "bank", {"--code", code})), "enrolment");
  EXPECT_EQ(scene.last_refusal("access.wrong_code"), "access.wrong_code");
  const std::string other = scene.code("bank", "ANOTHER-DID");
  EXPECT_EQ(reason_of(scene.terminal("init", phone, "bank", {"--code", other})), "enrolment") << "a code is for one Did";
}

TEST_F(AccessGateway, guessing_codes_is_stopped_and_alarmed) {
  for (int i = 0; i < 5; ++i) EXPECT_EQ(reason_of(scene.terminal("init", phone, "bank", {"--code", "AAAAA-AAAAA-AAAAA-AAAA" + std::to_string(i)})), "enrolment");
  EXPECT_EQ(reason_of(scene.terminal("init", phone, "bank", {"--code", scene.code("bank", phone.did)})), "enrolment") << "even the right one waits now";
  EXPECT_EQ(scene.last_refusal("access.code_locked"), "access.code_locked");
  EXPECT_NE(trustferry({"access", "alarms", "--directory", scene.platform(), "--json"}).out.find("wrong-code"), std::string::npos);
}

TEST_F(AccessGateway, a_revoked_gateway_vouches_for_nobody) {
  enrolled("news");
  scene.must_run({"peer", "revoke", "wap-gw"});
  EXPECT_EQ(reason_of(scene.terminal("authenticate", phone, "news")), "refused");
  EXPECT_EQ(scene.last_refusal("access.number_from_stranger"), "access.number_from_stranger");
  scene.enrol_gateway("wap-gw-2");
  scene.reload_gateway();
  EXPECT_FALSE(ticket("news").empty());
}

// curl with the certificate of a peer.
CurlAnswer call_as(AccessScene& scene, const std::string& peer, const std::string& path, const std::string& body) {
  return curl({.url = scene.access_url() + path, .root = scene.platform() + "/root.crt", .certificate = scene.in(peer + ".crt"), .key = scene.in(peer + ".key")}, body);
}

TEST_F(AccessGateway, a_business_service_reads_what_a_terminal_sealed_for_it_and_asks_about_tickets) {
  enrolled("news");
  for (const char* name : {"billing", "stranger"}) scene.must_run({"peer", "enrol", name, "--kind", "service", "--out", scene.in(name)});
  const std::string key_id = json_of(scene.terminal("show", phone, "news").out).text("key_id").value();
  const std::string body = R"({"key_id":")" + key_id + "\"}";
  const CurlAnswer answer = call_as(scene, "billing", "/access/v1/service-key", body);
  ASSERT_EQ(answer.status, 200) << answer.body;
  write_text(scene.in("reading"), "17 kWh");
  const Finished sealed = trustferry({"terminal", "access", "seal", scene.in("reading"), "--directory", scene.in("terminals"), "--did", phone.did,
                                      "--service", "news", "--for", "billing"});
  const Finished opened = run({"node", std::string(TRUSTFERRY_SOURCE_DIR) + "/tests/clients/unseal.mjs",
                               wire::JsonObject::parse(answer.body)->text("key").value(), sealed.out.substr(0, sealed.out.find('\n'))});
  EXPECT_EQ(opened.out, "17 kWh") << opened.err;
  EXPECT_EQ(call_as(scene, "stranger", "/access/v1/service-key", body).status, 403);
  EXPECT_EQ(call_as(scene, "gateway/gateway", "/access/v1/service-key", body).status, 403);
  EXPECT_EQ(curl({.url = scene.access_url() + "/access/v1/service-key", .root = scene.platform() + "/root.crt"}, body).status, 401);

  const std::string token = R"({"token":")" + ticket("news") + "\"}";
  EXPECT_NE(call_as(scene, "billing", "/access/v1/introspect", token).body.find(R"("active":true)"), std::string::npos);
  EXPECT_EQ(call_as(scene, "stranger", "/access/v1/introspect", token).body, R"({"active":false})");
  scene.must_run({"access", "bindings", "revoke", key_id});
  EXPECT_EQ(call_as(scene, "billing", "/access/v1/introspect", token).body, R"({"active":false})") << "a ticket of a key that was revoked";
  EXPECT_EQ(call_as(scene, "billing", "/access/v1/service-key", body).status, 403);
}

TEST_F(AccessGateway, a_stock_tls_client_holds_the_data_channel_with_the_key_alone) {
  enrolled("news");
  auto secret = json_of(scene.terminal("psk", phone, "news", {"--reveal"}).out);
  const std::string identity = secret.text("identity").value();
  const auto talk = [&](const std::string& who, const std::string& psk) {
    return run({"openssl", "s_client", "-connect", scene.channel(), "-tls1_3", "-psk_identity", who, "-psk", psk, "-quiet"},
               "GET /channel/v1/whoami HTTP/1.1\r\nHost: channel\r\nConnection: close\r\n\r\n").out;
  };
  const std::string psk = secret.text("psk").value();
  const std::string answer = talk(identity, psk);
  EXPECT_NE(answer.find("\"msisdn\":\"" + phone.msisdn + "\""), std::string::npos) << answer;
  EXPECT_EQ(talk(identity, std::string(64, 'a')).find("HTTP/1.1 200"), std::string::npos);
  EXPECT_EQ(talk("nobody", psk).find("HTTP/1.1 200"), std::string::npos);
  scene.must_run({"access", "bindings", "revoke", identity});
  EXPECT_EQ(talk(identity, psk).find("HTTP/1.1 200"), std::string::npos) << "a revoked key opens nothing";
}

TEST_F(AccessGateway, our_own_terminal_holds_the_data_channel_too) {
  enrolled("news");
  const std::vector<std::string> there{"--url", "https://" + scene.channel()};
  auto answer = json_of(scene.terminal("channel", phone, "news", there).out);
  EXPECT_EQ(answer.text("did").value(), phone.did);
  EXPECT_EQ(answer.text("msisdn").value(), phone.msisdn);
  const std::string key_id = answer.text("key_id").value();
  EXPECT_NE(scene.terminal("channel", phone, "news", {"--url", scene.access_url()}).exit_code, 0) << "a server that shows a certificate instead";
  scene.must_run({"access", "bindings", "revoke", key_id});
  EXPECT_NE(scene.terminal("channel", phone, "news", there).exit_code, 0);
}

TEST_F(AccessGateway, haproxy_enriches_as_well) {
  const std::unique_ptr<Process> proxy = scene.start_haproxy();
  const std::vector<std::string> through{"--url", scene.haproxy_url(), "--from", phone.address};
  const Finished bound = scene.terminal("init", phone, "news", through);
  EXPECT_EQ(bound.exit_code, 0) << bound.err << read_text(scene.in("gateway/haproxy.log")) << scene.log();
  EXPECT_EQ(scene.terminal("authenticate", phone, "news", through).exit_code, 0) << scene.log();
  Phone unknown{"SPOOFER-2", "127.0.1.250", phone.msisdn};
  EXPECT_EQ(reason_of(scene.terminal("init", unknown, "news", {"--url", scene.haproxy_url(), "--from", unknown.address})), "number");
  EXPECT_EQ(curl({.url = scene.haproxy_url() + "/admin/v1/estate", .method = "GET", .root = {}}).status, 404);
}

TEST_F(AccessGateway, the_route_hook_is_told_both_ways) {
  const std::string hook = "echo >>" + scene.in("routes") + " route";
  ASSERT_EQ(scene.terminal("init", phone, "news", {"--route-hook", hook}).exit_code, 0);
  EXPECT_EQ(read_text(scene.in("routes")), "route gateway\nroute private news.private\n");
  EXPECT_NE(scene.terminal("authenticate", phone, "news", {"--route-hook", "false"}).exit_code, 0);
}

}  // namespace
}  // namespace tf::test
