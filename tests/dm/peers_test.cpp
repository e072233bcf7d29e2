// Peers that are authentic and yet break the protocol, or use of it what our own sides do not.
#include "tests/dm/conversation.hpp"

namespace tf::dm::test {
namespace {

// A device written by hand: proves itself rightly and says what a test wants.
struct HandDevice : Pair {
  explicit HandDevice(const Sizes& sizes = Sizes()) : Pair(sizes) {}

  Result<Message> say(std::vector<Command> commands, bool final = true, std::uint32_t header = code::ok) {
    Message out{.header = {.session = "A1", .message = ++message, .target = kServer, .source = kDevice}, .commands = {}, .final = final};
    if (message > 1) out.commands.emplace_back(CommandStatus{.id = 1, .message = answered, .command = 0, .name = "SyncHdr", .challenge = Challenge{std::string(kAuthMac), Bytes(16, 5)}, .code = header});
    for (Command& each : commands) {
      std::visit([&](auto& one) { one.id = static_cast<std::uint32_t>(out.commands.size() + 1); }, each);
      out.commands.push_back(std::move(each));
    }
    const std::string body = must(encode(out));
    const Envelope reply = TF_TRY(serve({body, mac_header(credential("device"), nonce, body)}));
    Message in = must(decode(reply.body));
    answered = in.header.message;
    if (const auto& challenge = std::get<CommandStatus>(in.commands.at(0)).challenge) nonce = challenge->nonce;
    return in;
  }
  static std::vector<Command> package_1() {
    return {Alert{.code = alert::client_initiated}, Order{.verb = Verb::replace, .items = {Item{.source = "./DevInfo/DevId", .data = "x"}}}};
  }
  static CommandStatus status(std::uint32_t about, std::uint32_t command, const char* name, std::uint32_t code) {
    return {.message = about, .command = command, .name = name, .code = code};
  }

  std::uint32_t message = 0, answered = 0;
  Bytes nonce = Bytes(16, 2);
};

std::uint32_t code_at(const Message& message, std::size_t index) { return std::get<CommandStatus>(message.commands.at(index)).code; }

TEST(DmPeers, a_device_that_does_not_begin_with_package_1_is_left) {
  for (const std::vector<Command>& commands : {std::vector<Command>{}, std::vector<Command>{Alert{.code = alert::client_initiated}},
                                               std::vector<Command>{HandDevice::package_1()[1]}, std::vector<Command>{Alert{.code = alert::generic}, HandDevice::package_1()[1]}}) {
    HandDevice device;
    EXPECT_REFUSED(device.say(commands), Code::malformed, "dm.package_1");
    EXPECT_TRUE(device.server.over());
    EXPECT_REFUSED(device.server.reply(), Code::conflict, "dm.nothing_to_answer");
  }
}

TEST(DmPeers, package_1_may_come_in_several_messages) {
  HandDevice device;
  device.push({.tag = 1, .verb = Verb::get, .uri = "./A"});
  const Message more = must(device.say(HandDevice::package_1(), false));
  EXPECT_FALSE(more.final);
  EXPECT_EQ(std::get<Alert>(more.commands.back()).code, alert::next_message);
  const Message begun = must(device.say({HandDevice::status(1, 4, "Alert", code::ok)}));
  EXPECT_EQ(std::get<Order>(begun.commands.back()).verb, Verb::get);
}

TEST(DmPeers, statuses_for_what_was_never_sent_end_the_session) {
  for (const CommandStatus& wrong : {HandDevice::status(1, 9, "Get", 200), HandDevice::status(9, 4, "Get", 200), HandDevice::status(1, 4, "Exec", 200), HandDevice::status(1, 1, "SyncHdr", 200)}) {
    HandDevice device;
    device.push({.tag = 1, .verb = Verb::get, .uri = "./A"});
    const Message begun = must(device.say(HandDevice::package_1()));
    ASSERT_EQ(std::get<Order>(begun.commands.back()).id, 4U);
    EXPECT_REFUSED(device.say({wrong}), Code::malformed, "dm.unknown_reference");
    EXPECT_TRUE(device.server.over() && device.done.empty());
  }
}

TEST(DmPeers, what_is_left_unanswered_or_answered_wrongly_ends_the_session) {
  const auto begun = [](HandDevice& device) {
    device.push({.tag = 1, .verb = Verb::get, .uri = "./A"});
    must(device.say(HandDevice::package_1()));
  };
  const CommandStatus good = HandDevice::status(1, 4, "Get", 200);
  const auto results = [](const char* uri, const char* data, bool more) { return Results{.message = 1, .command = 4, .items = {Item{.source = uri, .data = data, .more = more}}}; };
  const std::pair<std::vector<Command>, const char*> all[] = {
      {{}, "dm.unanswered"},
      {{good}, "dm.unanswered"},
      {{good, results("./B", "x", false)}, "dm.results"},
      {{good, results("./A", "x", true)}, "dm.results"},
      {{good, results("./A", "x", false), results("./A", "x", false)}, "dm.results"},
      {{HandDevice::status(1, 4, "Get", 404), results("./A", "x", false)}, "dm.results"},
  };
  for (const auto& [commands, reason] : all) {
    HandDevice device;
    begun(device);
    EXPECT_REFUSED(device.say(commands), Code::malformed, reason);
    EXPECT_TRUE(device.server.over());
  }
  HandDevice device;
  begun(device);
  must(device.say({results("./A", "before its status", false), good}));
  EXPECT_EQ(as_text(device.done.at(0).value->data), "before its status");
}

TEST(DmPeers, a_message_without_a_word_about_ours_or_out_of_order_ends_the_session) {
  HandDevice silent;
  silent.push({.tag = 1, .verb = Verb::get, .uri = "./A"});
  must(silent.say(HandDevice::package_1()));
  silent.answered = 7;
  EXPECT_REFUSED(silent.say({}), Code::malformed, "dm.unknown_reference");
  HandDevice twice;
  twice.push({.tag = 1, .verb = Verb::get, .uri = "./A"});
  must(twice.say(HandDevice::package_1()));
  twice.message = 0;
  EXPECT_REFUSED(twice.say(HandDevice::package_1()), Code::conflict, "dm.message_order");
}

TEST(DmPeers, a_device_that_refuses_our_proof_twice_is_left) {
  HandDevice device;
  device.push({.tag = 1, .verb = Verb::get, .uri = "./A"});
  must(device.say(HandDevice::package_1()));
  const Message again = must(device.say({HandDevice::status(1, 4, "Get", 401)}, true, code::unauthorised));
  EXPECT_EQ(std::get<Order>(again.commands.back()).items.at(0).target, "./A");
  EXPECT_TRUE(device.done.empty());
  EXPECT_REFUSED(device.say({HandDevice::status(2, 2, "Get", 401)}, true, code::unauthorised), Code::refused, "dm.device_refuses_us");
}

TEST(DmPeers, a_device_may_refuse_or_lose_an_object_in_pieces) {
  for (const bool lost : {false, true}) {
    HandDevice device;
    device.push({.tag = 1, .verb = Verb::replace, .uri = "./E", .value = text_value(std::string(40'000, 'x'))});
    device.push({.tag = 2, .verb = Verb::get, .uri = "./A", .only_after_good = true});
    const Message piece = must(device.say(HandDevice::package_1()));
    EXPECT_FALSE(piece.final);
    EXPECT_EQ(std::get<Order>(piece.commands.back()).items.at(0).meta.size, 40'000U);
    const Message after = lost ? must(device.say({HandDevice::status(1, 4, "Replace", 213), Alert{.code = alert::no_end_of_data}}, false))
                               : must(device.say({HandDevice::status(1, 4, "Replace", 413)}, false));
    EXPECT_TRUE(after.final && device.server.over());
    EXPECT_EQ(device.codes(), (std::map<std::uint64_t, std::uint32_t>{{1, lost ? 1225U : 413U}, {2, 215}}));
  }
}

TEST(DmPeers, alerts_and_commands_of_a_device_are_answered) {
  HandDevice device;
  device.push({.tag = 1, .verb = Verb::exec, .uri = "./A"});
  std::vector<Command> commands = HandDevice::package_1();
  commands.emplace_back(Alert{.code = alert::generic, .items = {Item{.source = "./A", .data = "done"}}});
  commands.emplace_back(Order{.verb = Verb::get, .items = {Item{.target = "./Secret"}}});
  commands.emplace_back(Order{.verb = Verb::replace, .items = {Item{.source = "./Other", .data = "x"}}});
  commands.emplace_back(Group{.atomic = true});
  commands.emplace_back(Unsupported{.name = "Copy"});
  const Message answer = must(device.say(commands));
  const std::vector<std::uint32_t> expected{200, 200, 200, 200, 405, 405, 406, 406};
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_EQ(code_at(answer, i), expected[i]) << i;
  ASSERT_EQ(device.last_received.alerts.size(), 1U);
  EXPECT_EQ(device.last_received.alerts[0].items.at(0).data, "done");
  EXPECT_EQ(device.device.size(), 1U);
}

TEST(DmPeers, a_device_with_too_little_room_is_left) {
  HandDevice device({.device_message = 2'000});
  EXPECT_REFUSED(device.run(), Code::malformed, "dm.message_size");
}

// A server written by hand, to a device of ours.
struct HandServer : Pair {
  explicit HandServer(const Sizes& sizes = Sizes()) : Pair(sizes), from_device(must(client.start("A1", false))) {}

  // What the device answers, without the header's Status; nothing when it is over.
  Result<std::optional<Message>> say(std::vector<Command> commands, bool final = true) {
    Message out{.header = {.session = "A1", .message = ++message, .target = kDevice, .source = kServer}, .commands = {}, .final = final};
    out.commands.emplace_back(CommandStatus{.id = 1, .message = message, .command = 0, .name = "SyncHdr", .challenge = Challenge{std::string(kAuthMac), Bytes(16, 5)}, .code = 200});
    for (Command& each : commands) {
      std::visit([&](auto& one) { one.id = static_cast<std::uint32_t>(out.commands.size() + 1); }, each);
      out.commands.push_back(std::move(each));
    }
    const std::string body = must(encode(out));
    const ClientStep step = TF_TRY(deliver({body, mac_header(credential("prov"), client_nonces.expect, body)}));
    if (!step.reply) return std::optional<Message>();
    Message in = must(decode(step.reply->body));
    in.commands.erase(in.commands.begin());
    return std::optional(std::move(in));
  }
  static Order order(Verb verb, const char* uri, const char* data = nullptr, bool more = false, std::optional<std::uint64_t> size = std::nullopt) {
    Item item{.target = uri, .more = more};
    if (data != nullptr) item.data = data;
    item.meta.size = size;
    return {.verb = verb, .items = {std::move(item)}};
  }

  Envelope from_device;
  std::uint32_t message = 0;
};

TEST(DmPeers, a_sequence_runs_in_its_order_and_an_atomic_is_not_run) {
  HandServer server;
  const std::vector<Order> orders{{.id = 8, .verb = Verb::add, .items = {Item{.target = "./A", .data = "a"}}}, {.id = 9, .verb = Verb::get, .items = {Item{.target = "./A"}}}};
  const Message answer = *must(server.say({Group{.orders = orders}, Group{.atomic = true, .orders = orders}, Unsupported{.name = "Copy"}, Alert{.code = 1101}}));
  EXPECT_EQ(code_at(answer, 0), 200U);
  EXPECT_EQ(code_at(answer, 1), 200U);
  EXPECT_EQ(code_at(answer, 2), 200U);
  EXPECT_EQ(std::get<Results>(answer.commands.at(3)).items.at(0).data, "a");
  EXPECT_EQ(code_at(answer, 4), code::unsupported);
  EXPECT_EQ(code_at(answer, 5), code::not_executed);
  EXPECT_EQ(code_at(answer, 6), code::not_executed);
  EXPECT_EQ(code_at(answer, 7), code::unsupported);
  EXPECT_EQ(code_at(answer, 8), code::unsupported);
  EXPECT_EQ(server.tree.log.size(), 2U);
}

TEST(DmPeers, several_items_of_a_command_are_answered_one_by_one) {
  HandServer server;
  server.tree.nodes["./A"] = text_value("a");
  const Message answer = *must(server.say({Order{.verb = Verb::get, .items = {Item{.target = "./A"}, Item{.target = "./B"}, Item{.target = {}}}}}));
  EXPECT_EQ(std::get<CommandStatus>(answer.commands.at(0)).target, "./A");
  EXPECT_EQ(std::get<Results>(answer.commands.at(1)).items.at(0).source, "./A");
  EXPECT_EQ(std::get<CommandStatus>(answer.commands.at(2)).target, "./B");
  EXPECT_EQ(code_at(answer, 2), code::not_found);
  EXPECT_EQ(code_at(answer, 3), code::bad_request);
}

TEST(DmPeers, an_object_in_pieces_counts_only_when_it_is_whole) {
  HandServer server({.device_object = 100});
  const Message first = *must(server.say({HandServer::order(Verb::replace, "./A", "abc", true, 6)}, false));
  EXPECT_EQ(code_at(first, 0), code::chunk_accepted);
  EXPECT_EQ(std::get<Alert>(first.commands.at(1)).code, alert::next_message);
  EXPECT_FALSE(first.final);
  EXPECT_TRUE(server.tree.log.empty());
  const Message second = *must(server.say({HandServer::order(Verb::replace, "./A", "def")}));
  EXPECT_EQ(code_at(second, 0), code::ok);
  EXPECT_TRUE(second.final);
  EXPECT_EQ(as_text(server.tree.nodes.at("./A").data), "abcdef");
  const std::tuple<const char*, bool, std::optional<std::uint64_t>, std::uint32_t> wrong[] = {
      {"abc", true, std::nullopt, code::size_required}, {"abc", true, 101, code::too_large}, {"abcdefg", true, 6, code::size_mismatch}};
  for (const auto& [data, more, size, code] : wrong)
    EXPECT_EQ(code_at(*must(server.say({HandServer::order(Verb::replace, "./A", data, more, size)}, false)), 0), code);
  EXPECT_EQ(code_at(*must(server.say({HandServer::order(Verb::get, "./A", "abc", true, 6)}, false)), 0), code::bad_request);
  EXPECT_EQ(as_text(server.tree.nodes.at("./A").data), "abcdef");
}

TEST(DmPeers, a_new_command_before_the_object_is_whole_loses_the_object) {
  HandServer server;
  must(server.say({HandServer::order(Verb::replace, "./A", "abc", true, 6)}, false));
  const Message answer = *must(server.say({HandServer::order(Verb::replace, "./B", "b")}));
  EXPECT_EQ(std::get<Alert>(answer.commands.at(0)).code, alert::no_end_of_data);
  EXPECT_EQ(std::get<Alert>(answer.commands.at(0)).items.at(0).target, "./A");
  EXPECT_EQ(code_at(answer, 1), code::ok);
  EXPECT_FALSE(server.tree.nodes.contains("./A"));
  EXPECT_TRUE(server.tree.nodes.contains("./B"));
}

TEST(DmPeers, a_server_that_says_nothing_about_our_message_or_counts_wrongly_is_left) {
  HandServer server;
  server.message = 4;
  EXPECT_REFUSED(server.say({HandServer::order(Verb::get, "./A")}), Code::malformed, "dm.header_unanswered");
  EXPECT_TRUE(server.client.over() && server.tree.log.empty());
  HandServer twice;
  must(twice.say({HandServer::order(Verb::get, "./A")}));
  twice.message = 0;
  EXPECT_REFUSED(twice.say({HandServer::order(Verb::get, "./A")}), Code::conflict, "dm.message_order");
  EXPECT_TRUE(twice.client.over());
}

}  // namespace
}  // namespace tf::dm::test
