// Messages through a session whose line holds.
#include "tests/sms/host.hpp"

namespace tf::sms::smpp::test {
namespace {

TEST(SmppSession, binds_and_hands_messages_over) {
  Host host;
  EXPECT_REFUSED(host.session.healthy(), Code::unavailable, "sms.not_bound");
  host.send("early");
  host.connect();
  const Pdu bind = host.expect(Command::bind_transceiver);
  EXPECT_EQ(std::get<BindTransceiver>(bind.body).system_id, "ferry");
  EXPECT_EQ(std::get<BindTransceiver>(bind.body).interface_version, 0x34);
  EXPECT_TRUE(host.sent.empty());
  host.say(Command::bind_transceiver_resp, 0, bind.header.sequence, BindTransceiverResp{"smsc", {}});
  EXPECT_OK(host.session.healthy());
  host.take(0, "m-1");
  ASSERT_EQ(host.done.size(), 1U);
  EXPECT_EQ(host.done[0].second->network_ids, std::vector<std::string>{"m-1"});
}

TEST(SmppSession, keeps_to_its_window) {
  Host host;
  host.bind();
  for (int i = 0; i < 5; ++i) host.send(std::to_string(i));
  EXPECT_EQ(host.sent.size(), 3U);
  host.take(0, "a");
  EXPECT_EQ(host.sent.size(), 3U);
  for (int i = 0; i < 4; ++i) host.take(0, "b");
  EXPECT_EQ(host.done.size(), 5U);
}

TEST(SmppSession, a_long_message_is_done_with_its_last_part) {
  Host host;
  host.bind();
  host.send("long", std::string(320, 'x'));
  host.take(0, "p1");
  host.take(0, "p2");
  EXPECT_TRUE(host.done.empty());
  host.take(0, "p3");
  ASSERT_EQ(host.done.size(), 1U);
  EXPECT_EQ(host.done[0].second->network_ids, (std::vector<std::string>{"p1", "p2", "p3"}));
}

TEST(SmppSession, a_part_refused_is_the_message_refused) {
  Host host;
  host.bind();
  host.send("long", std::string(600, 'x'));  // four parts, three in the window
  host.take(0x0b);
  ASSERT_EQ(host.done.size(), 1U);
  EXPECT_REFUSED(host.done[0].second, Code::refused, "sms.refused");
  host.take(0, "p2");
  host.take(0, "p3");
  EXPECT_TRUE(host.sent.empty());  // the fourth stays at home
  EXPECT_EQ(host.done.size(), 1U);
}

TEST(SmppSession, slows_down_when_it_is_told_to) {
  Host host;
  host.bind();
  for (int i = 0; i < 3; ++i) host.send(std::to_string(i));
  host.take(status::throttled);
  host.take(status::queue_full);
  host.take(0, "m");
  EXPECT_TRUE(host.sent.empty());
  host.pass(100);
  EXPECT_TRUE(host.sent.empty());
  host.pass(100);
  EXPECT_EQ(host.sent.size(), 2U);
  host.take(status::throttled);
  host.take(status::throttled);
  host.pass(300);  // twice as long now
  const std::size_t after = host.sent.size();
  host.pass(100);
  EXPECT_EQ(after, 0U);
  host.take(0, "m");
  host.take(0, "m");
  EXPECT_EQ(host.done.size(), 3U);
  for (const auto& [reference, result] : host.done) EXPECT_OK(result);
}

TEST(SmppSession, tries_a_passing_trouble_three_times_more) {
  Host host;
  host.bind();
  host.send("r");
  for (int i = 0; i < 4; ++i) {
    EXPECT_TRUE(host.done.empty());
    host.take(status::system_error);
    host.pass(1000);
  }
  ASSERT_EQ(host.done.size(), 1U);
  EXPECT_REFUSED(host.done[0].second, Code::unavailable, "sms.unavailable");
  EXPECT_TRUE(host.sent.empty());
}

TEST(SmppSession, refuses_what_cannot_be_sent_and_what_has_no_room) {
  Host host;
  host.session.submit({"123", "text", "r"}, [&](Result<Receipt> result) { host.done.emplace_back("r", std::move(result)); }, host.now);
  host.settle();
  EXPECT_REFUSED(host.done.at(0).second, Code::invalid, "sms.number");
  for (int i = 0; i < 21; ++i) host.send("fill");
  ASSERT_EQ(host.done.size(), 2U);
  EXPECT_REFUSED(host.done[1].second, Code::overloaded, "sms.queue_full");
}

TEST(SmppSession, gives_up_what_was_not_taken_in_time) {
  Host host;
  host.send("waits");
  host.pass(59'900);
  EXPECT_TRUE(host.done.empty());
  host.pass(100);
  ASSERT_EQ(host.done.size(), 1U);
  EXPECT_REFUSED(host.done[0].second, Code::unavailable, "sms.timeout");
  host.bind();
  EXPECT_TRUE(host.sent.empty());
}

TEST(SmppSession, tells_deliveries_by_reference) {
  Host host;
  host.bind();
  host.send("code-1");
  host.take(0, "m-1");
  host.receipt("m-1", "ENROUTE");
  host.receipt("m-1");
  EXPECT_EQ(std::get<MessageId>(host.expect(Command::deliver_sm_resp).body).id, "");
  ASSERT_EQ(host.deliveries.size(), 2U);
  EXPECT_EQ(host.deliveries[0].state, DeliveryState::underway);
  EXPECT_EQ(host.deliveries[1].reference, "code-1");
  EXPECT_EQ(host.deliveries[1].network_id, "m-1");
  EXPECT_EQ(host.deliveries[1].state, DeliveryState::delivered);
}

TEST(SmppSession, a_receipt_that_overtakes_the_answer_waits_for_it) {
  Host host;
  host.bind();
  host.send("code-1");
  host.receipt("m-1");
  EXPECT_TRUE(host.deliveries.empty());
  host.take(0, "m-1");
  ASSERT_EQ(host.deliveries.size(), 1U);
  EXPECT_EQ(host.deliveries[0].reference, "code-1");
}

TEST(SmppSession, a_receipt_of_an_earlier_process_is_told_without_reference) {
  Host host;
  host.bind();
  host.receipt("old");
  ASSERT_EQ(host.deliveries.size(), 1U);
  EXPECT_EQ(host.deliveries[0].reference, "");
  host.sent.clear();
  host.send("code-1");
  host.receipt("older");
  host.take(0, "m-1");
  ASSERT_EQ(host.deliveries.size(), 2U);
  EXPECT_EQ(host.deliveries[1].network_id, "older");
  EXPECT_EQ(host.deliveries[1].reference, "");
}

TEST(SmppSession, answers_what_it_is_asked) {
  Host host;
  host.bind();
  host.say(Command::enquire_link, 0, 5, Empty{});
  EXPECT_EQ(host.expect(Command::enquire_link_resp).header.sequence, 5U);
  ShortMessage from_a_phone;
  from_a_phone.text = {'h', 'i'};
  host.say(Command::deliver_sm, 0, 6, from_a_phone);
  EXPECT_EQ(host.expect(Command::deliver_sm_resp).header.status, 0U);
  EXPECT_TRUE(host.deliveries.empty());
  host.say_raw(*wire::from_hex("000001030000000000000008FF"));  // data_sm, which we do not know
  const Pdu nack = host.expect(Command::generic_nack);
  EXPECT_EQ(nack.header.status, status::invalid_command);
  EXPECT_EQ(nack.header.sequence, 8U);
  host.say_raw(*wire::from_hex("00000005000000000000000900"));  // a deliver_sm that is none
  EXPECT_EQ(host.expect(Command::deliver_sm_resp).header.status, 0x66U);
  EXPECT_OK(host.session.healthy());
}

TEST(SmppSession, hands_over_octets_for_a_card_part_by_part) {
  Host host;
  host.bind();
  const std::vector<Bytes> parts{{7, 0, 3, 9, 2, 1, 0x70, 0, 0xAA}, {5, 0, 3, 9, 2, 2, 0xBB}};
  host.session.submit({.to = "8613800138000", .text = {}, .reference = "ota", .user_data = parts}, [&](Result<Receipt> result) { host.done.emplace_back("ota", std::move(result)); }, host.now);
  host.settle();
  for (const Bytes& part : parts) {
    const Pdu sent = host.expect(Command::submit_sm);
    const auto& message = std::get<ShortMessage>(sent.body);
    EXPECT_EQ(message.text, part);
    EXPECT_EQ(message.esm_class, 0x40);
    EXPECT_EQ(message.protocol_id, 0x7F);
    EXPECT_EQ(message.data_coding, 0xF6);
    host.say(Command::submit_sm_resp, 0, sent.header.sequence, MessageId{"m", {}});
  }
  ASSERT_EQ(host.done.size(), 1U);
  EXPECT_OK(host.done[0].second);
}

TEST(SmppSession, tells_what_a_card_sent_back_and_keeps_texts_of_people_to_itself) {
  Host host;
  host.bind();
  ShortMessage from_a_card{.source = {1, 1, "8613800138000"}, .esm_class = 0x40, .protocol_id = 0x7F, .data_coding = 0xF6, .text = {2, 0x71, 0, 1, 2}};
  host.say(Command::deliver_sm, 0, 5, from_a_card);
  EXPECT_EQ(host.expect(Command::deliver_sm_resp).header.status, 0U);
  from_a_card.esm_class = 0x48;  // as an acknowledgement of delivery, and in the optional parameter
  from_a_card.tlvs = {{tag::message_payload, {2, 0x71, 0, 3}}};
  from_a_card.text.clear();
  host.say(Command::deliver_sm, 0, 6, from_a_card);
  host.say(Command::deliver_sm, 0, 7, ShortMessage{.source = {1, 1, "8613800138000"}, .text = {'h', 'i'}});
  host.receipt("m-1");
  ASSERT_EQ(host.incoming.size(), 2U);
  EXPECT_EQ(host.incoming[0].from, "8613800138000");
  EXPECT_EQ(host.incoming[0].user_data, (Bytes{2, 0x71, 0, 1, 2}));
  EXPECT_EQ(host.incoming[1].user_data, (Bytes{2, 0x71, 0, 3}));
}

}  // namespace
}  // namespace tf::sms::smpp::test
