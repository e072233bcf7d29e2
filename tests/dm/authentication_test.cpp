// Proofs and nonces: who fails, how often, and what is kept.
#include "dm/package0.hpp"
#include "tests/dm/conversation.hpp"

namespace tf::dm::test {
namespace {

const Bytes kStale(16, 99);

const CommandStatus& header_status(const Message& message) { return std::get<CommandStatus>(message.commands.at(0)); }

// A pair whose sides disagree about some nonces.
struct Astray : Pair {
  Astray(Nonces at_server, Nonces at_client) {
    server_nonces = std::move(at_server);
    client_nonces = std::move(at_client);
    server = ServerSession(server_settings({}), server_nonces);
    client = ClientSession(client_settings({}), client_nonces);
    push_delivery("<e/>");
  }
};

TEST(DmAuthentication, sides_that_know_no_nonce_or_an_old_one_find_together_by_one_challenge) {
  const Bytes a(16, 1), b(16, 2);
  const Nonces none{}, right_server{a, b}, right_client{b, a};
  const std::pair<Nonces, Nonces> all[] = {{none, none}, {right_server, none}, {none, right_client}, {{kStale, b}, right_client}, {{a, kStale}, right_client},
                                           {right_server, {kStale, a}}, {right_server, {b, kStale}}, {{kStale, kStale}, right_client}, {right_server, right_client}};
  for (const auto& [at_server, at_client] : all) {
    Astray pair(at_server, at_client);
    EXPECT_OK(pair.run());
    EXPECT_EQ(pair.codes().size(), 5U);
    EXPECT_EQ(pair.tree.log.size(), 5U);
    EXPECT_LE(pair.sent.size(), 10U + 4U);
    EXPECT_EQ(pair.server_nonces.send, pair.client_nonces.expect);
    // The device's last word was answered, so it knows the next nonce too.
    EXPECT_EQ(pair.server_nonces.expect, pair.client_nonces.send);
  }
}

TEST(DmAuthentication, every_message_has_a_nonce_of_its_own_of_128_bits) {
  Pair pair;
  pair.push_delivery(xml_text(40'000));
  EXPECT_OK(pair.run());
  std::set<Bytes> seen;
  std::size_t count = 0;
  for (std::size_t i = 1; i < pair.sent.size(); ++i) {
    const CommandStatus status = header_status(must(decode(pair.sent[i].body)));
    ASSERT_TRUE(status.challenge.has_value());
    EXPECT_EQ(status.challenge->nonce.size(), 16U);
    EXPECT_EQ(status.code, code::ok);
    seen.insert(status.challenge->nonce);
    ++count;
  }
  EXPECT_EQ(seen.size(), count);
}

TEST(DmAuthentication, a_device_that_cannot_prove_itself_is_challenged_once_and_then_left) {
  Pair pair;
  pair.push_delivery("<e/>");
  ClientSettings settings = Pair::client_settings({});
  settings.device = credential("device", "guessed");
  pair.client = ClientSession(std::move(settings), pair.client_nonces);
  const Nonces before = pair.server_nonces;
  const Envelope challenge = must(pair.serve(must(pair.client.start("A1", false))));
  EXPECT_FALSE(pair.last_received.authentic || pair.last_received.store || !pair.last_received.device.empty());
  const Message first = must(decode(challenge.body));
  EXPECT_EQ(header_status(first).code, code::unauthorised);
  EXPECT_EQ(first.commands.size(), 3U);  // Status of the header, of the Alert and of the Replace; no command
  for (const Command& each : first.commands) EXPECT_EQ(std::get<CommandStatus>(each).code, code::unauthorised);
  const ClientStep again = must(pair.deliver(challenge));
  const Envelope end = must(pair.serve(*again.reply));
  EXPECT_EQ(header_status(must(decode(end.body))).code, code::unauthorised);
  EXPECT_FALSE(header_status(must(decode(end.body))).challenge.has_value());
  EXPECT_TRUE(pair.server.over());
  EXPECT_EQ(pair.server_nonces, before);
  EXPECT_REFUSED(pair.deliver(end), Code::refused, "dm.server_refuses_us");
  EXPECT_TRUE(pair.client.over() && pair.tree.log.empty() && pair.done.empty());
}

TEST(DmAuthentication, a_server_that_cannot_prove_itself_is_challenged_once_and_then_left) {
  Pair pair;
  pair.push_delivery("<e/>");
  ServerSettings settings = Pair::server_settings({});
  settings.server = credential("prov", "guessed");
  pair.server = ServerSession(std::move(settings), pair.server_nonces);
  pair.push_delivery("<e/>");
  const Nonces before = pair.client_nonces;
  const ClientStep challenge = must(pair.deliver(must(pair.serve(must(pair.client.start("A1", false))))));
  EXPECT_FALSE(challenge.store.has_value());
  const Message asked = must(decode(challenge.reply->body));
  EXPECT_EQ(header_status(asked).code, code::unauthorised);
  EXPECT_EQ(asked.commands.size(), 2U);
  EXPECT_EQ(std::get<CommandStatus>(asked.commands[1]).code, code::unauthorised);
  EXPECT_REFUSED(pair.deliver(must(pair.serve(*challenge.reply))), Code::refused, "dm.not_authentic");
  EXPECT_TRUE(pair.client.over() && pair.tree.log.empty() && !pair.client.server_proved());
  EXPECT_EQ(pair.client_nonces, before);
}

TEST(DmAuthentication, a_nonce_of_somebody_unproved_is_used_at_once_and_never_stored) {
  // The server's proof and the device's are both out of date: each challenges the other while itself unproved.
  const Bytes a(16, 1), b(16, 2);
  Astray pair({kStale, kStale}, {b, a});
  const ClientStep step = must(pair.deliver(must(pair.serve(must(pair.client.start("A1", false))))));
  EXPECT_FALSE(step.store.has_value());
  EXPECT_EQ(pair.client_nonces, (Nonces{b, a}));
  const Envelope answer = must(pair.serve(*step.reply));
  EXPECT_TRUE(pair.last_received.authentic);
  EXPECT_NE(pair.last_received.store->send, kStale);  // it came with a proof
  EXPECT_TRUE(must(pair.deliver(answer)).store.has_value());

  // A device's unproved nonce is not kept when the proof comes without one.
  Pair other;
  Message message{.header = {.session = "A1", .message = 1, .target = Pair::kServer, .source = Pair::kDevice}, .commands = {}, .final = true};
  message.commands.emplace_back(CommandStatus{.id = 1, .message = 0, .command = 0, .name = "SyncHdr", .challenge = Challenge{std::string(kAuthMac), Bytes(16, 0x66)}, .code = 401});
  const Envelope challenge = must(other.serve({must(encode(message)), ""}));
  EXPECT_EQ(header_status(must(decode(challenge.body))).code, code::credentials_missing);
  const Bytes nonce = header_status(must(decode(challenge.body))).challenge->nonce;
  message.header.message = 2;
  message.commands.clear();
  message.commands.emplace_back(CommandStatus{.id = 1, .message = 1, .command = 0, .name = "SyncHdr", .code = 200});
  message.commands.emplace_back(Alert{.id = 2, .code = alert::client_initiated});
  message.commands.emplace_back(Order{.id = 3, .verb = Verb::replace, .items = {Item{.source = "./DevInfo/DevId", .data = "x"}}});
  const std::string body = must(encode(message));
  must(other.serve({body, mac_header(credential("device"), nonce, body)}));
  EXPECT_TRUE(other.last_received.authentic);
  EXPECT_EQ(other.last_received.store->send, Bytes(16, 1));
}

TEST(DmAuthentication, a_recorded_session_played_again_proves_nothing) {
  Pair first;
  first.push_delivery("<e/>");
  EXPECT_OK(first.run());
  // To the server, in a new session of the same number.
  ServerSession server(Pair::server_settings({}), first.server_nonces);
  must(server.push({.tag = 1, .verb = Verb::exec, .uri = "./Vendor/X"}));
  EXPECT_FALSE(must(server.receive(first.sent[0], first.random)).authentic);
  const Message challenge = must(decode(must(server.reply()).message.body));
  for (const Command& each : challenge.commands) EXPECT_TRUE(std::holds_alternative<CommandStatus>(each));
  // To the device.
  ClientSession client(Pair::client_settings({}), first.client_nonces);
  must(client.start("A1", false));
  const auto step = client.handle(first.sent[1], first.tree, first.random);
  EXPECT_TRUE(step && step->reply && !step->store);
  EXPECT_EQ(first.tree.log.size(), 5U);
}

TEST(DmAuthentication, a_notification_and_its_session_follow_from_what_the_last_session_left) {
  Pair first;
  first.push_delivery("<e/>");
  EXPECT_OK(first.run());
  const Credential server = credential("prov");
  const Bytes push = must(encode(Notification{.session = 0xA1, .server = "prov", .vendor = {}}, server, first.server_nonces.send));
  const Notification heard = must(open_notification(push, server, first.client_nonces.expect));
  EXPECT_EQ(session_text(heard.session), "A1");
  Astray second(first.server_nonces, first.client_nonces);
  second.random.reseed("another day");
  EXPECT_OK(second.run(heard.by_server));
  EXPECT_EQ(second.sent.size(), 10U);  // nobody had to be challenged
  EXPECT_REFUSED(open_notification(push, server, second.client_nonces.expect), Code::refused, "dm.notification_digest");
}

TEST(DmAuthentication, where_to_answer_is_not_learnt_from_an_unproved_server) {
  Pair pair;
  must(pair.client.start("A1", false));
  Message message{.header = {.session = "A1", .message = 1, .target = Pair::kDevice, .source = Pair::kServer, .respond_to = "http://elsewhere.example/"}, .commands = {}, .final = true};
  message.commands.emplace_back(CommandStatus{.id = 1, .message = 1, .command = 0, .name = "SyncHdr", .challenge = Challenge{std::string(kAuthMac), Bytes(16, 5)}, .code = 200});
  message.commands.emplace_back(Order{.id = 2, .verb = Verb::get, .items = {Item{.target = "./A"}}});
  EXPECT_EQ(must(pair.deliver({must(encode(message)), ""})).respond_to, "");
  const std::string body = must(encode(message));
  Pair other;
  must(other.client.start("A1", false));
  EXPECT_EQ(must(other.deliver({body, mac_header(credential("prov"), other.client_nonces.expect, body)})).respond_to, "http://elsewhere.example/");
}

TEST(DmAuthentication, messages_of_another_session_device_or_direction_are_refused_and_change_nothing) {
  Pair pair, other;
  pair.push_delivery("<e/>");
  const Envelope first = must(pair.client.start("A1", false));
  const Envelope elsewhere = must(other.client.start("B2", false));
  EXPECT_REFUSED(pair.serve(elsewhere), Code::refused, "dm.other_session");
  const Envelope reply = must(pair.serve(first));
  EXPECT_REFUSED(pair.serve(reply), Code::refused, "dm.other_session");
  EXPECT_REFUSED(pair.deliver(first), Code::refused, "dm.other_session");
  EXPECT_REFUSED(other.deliver(reply), Code::refused, "dm.other_session");
  EXPECT_OK(pair.deliver(reply));
  EXPECT_EQ(pair.tree.log.size(), 1U);
}

TEST(DmAuthentication, what_is_not_authentic_in_a_session_under_way_changes_nothing) {
  Pair pair;
  pair.push_delivery("<e/>");
  const ClientStep step = must(pair.deliver(must(pair.serve(must(pair.client.start("A1", false))))));
  EXPECT_REFUSED(pair.serve({step.reply->body, ""}), Code::refused, "dm.not_authentic");
  EXPECT_REFUSED(pair.serve({step.reply->body, "username=\"device\", mac=AAAA"}), Code::refused, "dm.not_authentic");
  const Envelope reply = must(pair.serve(*step.reply));
  EXPECT_REFUSED(pair.deliver({reply.body, ""}), Code::refused, "dm.not_authentic");
  EXPECT_OK(pair.deliver(reply));
  EXPECT_EQ(pair.tree.log.size(), 2U);
}

TEST(DmAuthentication, a_session_that_breaks_off_anywhere_leaves_nonces_that_serve_the_next) {
  for (std::size_t end = 0; end < 12; ++end) {
    Pair pair;
    pair.push_delivery("<e/>");
    Envelope next = must(pair.client.start("A1", false));
    for (std::size_t i = 0; i < end; ++i) {
      if (i % 2 == 0) {
        next = must(pair.serve(next));
      } else {
        ClientStep step = must(pair.deliver(next));
        if (!step.reply) break;
        next = *step.reply;
      }
    }
    Astray after(pair.server_nonces, pair.client_nonces);
    EXPECT_OK(after.run());
    EXPECT_EQ(after.tree.log.size(), 5U) << end;
  }
}

}  // namespace
}  // namespace tf::dm::test
