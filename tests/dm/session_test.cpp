// Whole sessions between our two sides.
#include "tests/dm/conversation.hpp"

namespace tf::dm::test {
namespace {

using Codes = std::map<std::uint64_t, std::uint32_t>;

TEST(DmSession, a_credential_and_other_items_are_delivered_and_the_receipt_is_fetched) {
  Pair pair;
  const std::string envelope = xml_text(8'000);
  pair.push_delivery(envelope);
  EXPECT_OK(pair.run());
  EXPECT_TRUE(pair.server.over() && pair.client.over());
  EXPECT_EQ(pair.codes(), (Codes{{1, 200}, {2, 200}, {3, 200}, {4, 200}, {5, 200}}));
  EXPECT_EQ(as_text(pair.tree.nodes.at(std::string(onboard_object::kEnvelope)).data), envelope);
  EXPECT_EQ(pair.tree.nodes.at(std::string(onboard_object::kEnvelope)).type, "text/xml");
  EXPECT_EQ(pair.tree.nodes.at(onboard_object::item("logo")).data, Bytes(300, 0xFF));
  EXPECT_EQ(as_text(pair.done[2].value->data), "receipt");
  EXPECT_EQ(pair.tree.log, (std::vector<std::string>{"replace ./Vendor/Trustferry/Onboard/Envelope", "exec ./Vendor/Trustferry/Onboard/Install ",
                                                     "get ./Vendor/Trustferry/Onboard/Receipt", "replace ./Vendor/Trustferry/Onboard/Items/apn",
                                                     "replace ./Vendor/Trustferry/Onboard/Items/logo"}));
  EXPECT_EQ(pair.device.at("./DevInfo/DevId"), Pair::kDevice);
  EXPECT_EQ(pair.device.at("./DevInfo/Man"), "Maker & Sons");
  EXPECT_EQ(pair.device.size(), 5U);
  EXPECT_EQ(pair.sent.size(), 10U);  // package 1 and 2, then one way and back for each command alone
}

TEST(DmSession, who_asked_for_the_session_is_said) {
  for (const bool by_server : {false, true}) {
    Pair pair;
    EXPECT_OK(pair.run(by_server));
    const Message first = must(decode(pair.sent.at(0).body));
    EXPECT_EQ(std::get<Alert>(first.commands.at(0)).code, by_server ? alert::server_initiated : alert::client_initiated);
    EXPECT_EQ(pair.sent.size(), 2U);  // nothing to do: the server closes at once
    EXPECT_TRUE(pair.server.over());
  }
}

TEST(DmSession, tasks_may_be_added_when_results_come) {
  Pair pair;
  pair.tree.nodes["./DevDetail/SwV"] = text_value("1.0");
  pair.push({.tag = 1, .verb = Verb::get, .uri = "./DevDetail/SwV"});
  pair.on_received = [&](const Received& in) {
    for (const Done& each : in.done)
      if (each.tag == 1) pair.push({.tag = 2, .verb = Verb::add, .uri = "./Vendor/" + std::string(as_text(each.value->data)), .value = text_value("x")});
  };
  EXPECT_OK(pair.run());
  EXPECT_EQ(pair.codes(), (Codes{{1, 200}, {2, 200}}));
  EXPECT_TRUE(pair.tree.nodes.contains("./Vendor/1.0"));
}

TEST(DmSession, the_codes_of_the_tree_come_back) {
  Pair pair;
  pair.tree.nodes["./Vendor/A"] = text_value("a");
  pair.tree.forbidden.insert("./Vendor/F");
  pair.push({.tag = 1, .verb = Verb::get, .uri = "./Vendor/None"});
  pair.push({.tag = 2, .verb = Verb::add, .uri = "./Vendor/A", .value = text_value("b"), .together = true});
  pair.push({.tag = 3, .verb = Verb::replace, .uri = "./Vendor/F", .value = text_value("b"), .together = true});
  pair.push({.tag = 4, .verb = Verb::exec, .uri = "./DevInfo/X", .value = text_value("argument"), .together = true});
  pair.push({.tag = 5, .verb = Verb::remove, .uri = "./Vendor/A", .together = true});
  pair.push({.tag = 6, .verb = Verb::remove, .uri = "./Vendor/A", .together = true});
  EXPECT_OK(pair.run());
  EXPECT_EQ(pair.codes(), (Codes{{1, 404}, {2, 418}, {3, 425}, {4, 405}, {5, 200}, {6, 404}}));
  EXPECT_EQ(pair.sent.size(), 4U);
  EXPECT_EQ(pair.tree.log.at(3), "exec ./DevInfo/X argument");
}

TEST(DmSession, what_depends_on_a_failure_is_not_sent) {
  Pair pair;
  pair.tree.forbidden.insert(std::string(onboard_object::kEnvelope));
  pair.push_delivery("<e/>");
  EXPECT_OK(pair.run());
  EXPECT_EQ(pair.codes(), (Codes{{1, 425}, {2, 215}, {3, 215}, {4, 200}, {5, 200}}));
  Pair last;
  last.push({.tag = 1, .verb = Verb::get, .uri = "./None"});
  last.push({.tag = 2, .verb = Verb::get, .uri = "./Other", .only_after_good = true});
  EXPECT_OK(last.run());
  EXPECT_EQ(last.codes(), (Codes{{1, 404}, {2, 215}}));
}

TEST(DmSession, an_object_of_any_size_goes_both_ways_in_pieces_that_keep_to_the_bounds) {
  for (const std::size_t size : {1'000UL, 1'800UL, 2'500UL, 10'000UL, 60'000UL}) {
    const Pair::Sizes small{.server_message = 2'600, .device_message = 2'500};
    Pair pair(small);
    const std::string envelope = xml_text(size);
    pair.push({.tag = 1, .verb = Verb::replace, .uri = "./Vendor/E", .value = text_value(envelope)});
    pair.push({.tag = 2, .verb = Verb::get, .uri = "./Vendor/E"});
    pair.push({.tag = 3, .verb = Verb::replace, .uri = "./Vendor/B", .value = {.format = "b64", .type = "x/y", .data = Bytes(size / 2, 0x80)}});
    pair.push({.tag = 4, .verb = Verb::get, .uri = "./Vendor/B"});
    EXPECT_OK(pair.run());
    EXPECT_EQ(pair.codes(), (Codes{{1, 200}, {2, 200}, {3, 200}, {4, 200}})) << size;
    ASSERT_EQ(pair.done.size(), 4U);
    EXPECT_EQ(as_text(pair.done[1].value->data), envelope);
    EXPECT_EQ(pair.done[3].value->data, Bytes(size / 2, 0x80));
    EXPECT_EQ(pair.tree.log.size(), 4U);
    for (std::size_t i = 0; i < pair.sent.size(); ++i) EXPECT_LE(pair.sent[i].body.size(), i % 2 == 0 ? 2'600U : 2'500U);
    if (size > 3'000) EXPECT_GT(pair.sent.size(), 2 * size / 2'500);
  }
}

TEST(DmSession, several_orders_share_a_message_as_far_as_its_bound_goes) {
  for (std::size_t size = 40; size < 2'200; size += 40) {
    Pair pair({.server_message = 2'600, .device_message = 2'500});
    for (std::uint64_t tag = 1; tag <= 3; ++tag) pair.push({.tag = tag, .verb = Verb::replace, .uri = "./Vendor/" + std::to_string(tag), .value = text_value(std::string(size, '&'))});
    EXPECT_OK(pair.run());
    EXPECT_EQ(pair.codes(), (Codes{{1, 200}, {2, 200}, {3, 200}})) << size;
    for (std::size_t i = 1; i < pair.sent.size(); i += 2) EXPECT_LE(pair.sent[i].body.size(), 2'500U) << size;
    if (size == 40) EXPECT_EQ(pair.sent.size(), 8U);  // two share one
  }
}

TEST(DmSession, objects_larger_than_a_side_takes_are_told) {
  Pair device({.device_object = 3'000});
  device.push({.tag = 1, .verb = Verb::replace, .uri = "./Vendor/E", .value = text_value(std::string(3'001, 'x'))});
  EXPECT_OK(device.run());
  EXPECT_EQ(device.codes(), (Codes{{1, 413}}));
  EXPECT_TRUE(device.tree.log.empty());
  Pair server({.server_object = 3'000});
  server.tree.nodes["./E"] = text_value(std::string(3'001, 'x'));
  server.push({.tag = 1, .verb = Verb::get, .uri = "./E"});
  EXPECT_OK(server.run());
  EXPECT_EQ(server.codes(), (Codes{{1, 413}}));
}

TEST(DmSession, either_side_may_end_it_at_any_time) {
  Pair pair;
  pair.push_delivery(xml_text(40'000));
  const Envelope first = must(pair.client.start("A1", false));
  pair.server.abort();
  const ClientStep step = must(pair.deliver(must(pair.serve(first))));
  EXPECT_TRUE(step.aborted && !step.reply && pair.client.over() && pair.server.over());
  EXPECT_TRUE(pair.tree.log.empty());

  Pair other;
  other.push_delivery(xml_text(40'000));
  const Envelope begin = must(other.client.start("A1", false));
  must(other.deliver(must(other.serve(begin))));
  const Envelope end = must(other.client.abort());
  const Message answer = must(decode(must(other.serve(end)).body));
  EXPECT_TRUE(other.last_received.aborted && other.server.over());
  EXPECT_TRUE(answer.final);
  EXPECT_EQ(answer.commands.size(), 2U);  // the Status of the header and of the Alert
  EXPECT_REFUSED(other.client.abort(), Code::conflict, "dm.session_over");
}

TEST(DmSession, tasks_that_could_not_be_written_are_not_taken) {
  Pair pair;
  EXPECT_REFUSED(pair.server.push({.verb = Verb::get, .uri = "A"}), Code::invalid, "dm.uri");
  EXPECT_REFUSED(pair.server.push({.verb = Verb::get, .uri = "./A B"}), Code::invalid, "dm.uri");
  EXPECT_REFUSED(pair.server.push({.verb = Verb::replace, .uri = "./A", .value = {.data = {0}}}), Code::invalid, "dm.value");
  EXPECT_REFUSED(pair.server.reply(), Code::conflict, "dm.nothing_to_answer");
}

}  // namespace
}  // namespace tf::dm::test
