// Lines that break, hosts that keep silent or talk nonsense.
#include "tests/sms/host.hpp"

namespace tf::sms::smpp::test {
namespace {

TEST(SmppLine, what_had_no_answer_is_sent_again_on_the_next_one_in_order) {
  Host host;
  host.bind();
  for (const char* reference : {"a", "b", "c", "d"}) host.send(reference, std::string("text ") + reference);
  host.take(0, "m-a");
  host.lose();
  host.sent.clear();
  EXPECT_REFUSED(host.session.healthy(), Code::unavailable, "sms.not_bound");
  host.bind();
  for (const char* text : {"text b", "text c", "text d"}) {
    const Pdu pdu = host.expect(Command::submit_sm);
    EXPECT_EQ(as_text(std::get<ShortMessage>(pdu.body).text), text);
    host.say(Command::submit_sm_resp, 0, pdu.header.sequence, MessageId{"m", {}});
  }
  EXPECT_EQ(host.done.size(), 4U);
}

TEST(SmppLine, a_refused_bind_is_tried_again_with_growing_pauses) {
  Host host;
  host.connect();
  for (const std::int64_t pause : {200, 400, 800, 1000, 1000}) {
    const Pdu bind = host.expect(Command::bind_transceiver);
    host.say(Command::bind_transceiver_resp, 0x0e, bind.header.sequence, Empty{});
    host.pass(pause - 100);
    EXPECT_TRUE(host.sent.empty()) << pause;
    host.pass(100);
  }
  EXPECT_EQ(host.renewed, 0);
  EXPECT_NE(host.session.healthy().error().detail.find("0x0e"), std::string::npos);
}

TEST(SmppLine, a_new_line_does_not_shorten_the_pause_of_a_refused_bind) {
  Host host;
  host.connect();
  host.say(Command::bind_transceiver_resp, 0x0d, host.expect(Command::bind_transceiver).header.sequence, Empty{});
  host.lose();
  host.connect();
  EXPECT_TRUE(host.sent.empty());
  host.pass(200);
  host.expect(Command::bind_transceiver);
}

TEST(SmppLine, silence_is_asked_about_and_then_taken_for_death) {
  Host host;
  host.bind();
  host.pass(4900);
  EXPECT_TRUE(host.sent.empty());
  host.pass(100);
  const Pdu question = host.expect(Command::enquire_link);
  host.say(Command::enquire_link_resp, 0, question.header.sequence, Empty{});
  host.pass(5000);
  host.expect(Command::enquire_link);
  host.pass(1000);
  EXPECT_EQ(host.renewed, 1);
  EXPECT_FALSE(host.session.healthy());
}

TEST(SmppLine, a_submit_or_a_bind_without_an_answer_ends_the_line) {
  Host host;
  host.bind();
  host.send("r");
  host.expect(Command::submit_sm);
  host.pass(1000);
  EXPECT_EQ(host.renewed, 1);
  host.lose();
  host.connect();
  host.expect(Command::bind_transceiver);
  host.pass(1000);
  EXPECT_EQ(host.renewed, 2);
  host.lose();
  host.bind();
  host.take(0, "m");
  EXPECT_OK(host.done.at(0).second);
}

TEST(SmppLine, an_unbind_of_the_host_is_answered_and_the_line_made_anew) {
  Host host;
  host.bind();
  host.say(Command::unbind, 0, 4, Empty{});
  EXPECT_EQ(host.expect(Command::unbind_resp).header.sequence, 4U);
  EXPECT_EQ(host.renewed, 1);
}

TEST(SmppLine, what_is_no_pdu_ends_it) {
  for (const char* nonsense : {"000000150000000000000000", "000000150000000100000001"}) {
    Host host;
    host.bind();
    host.say_raw(*wire::from_hex(nonsense));
    EXPECT_EQ(host.renewed, 1) << nonsense;
  }
}

TEST(SmppLine, an_answer_of_another_command_ends_it_and_the_message_goes_again) {
  Host host;
  host.bind();
  host.send("r");
  const Pdu pdu = host.expect(Command::submit_sm);
  host.say(Command::enquire_link_resp, 0, pdu.header.sequence, Empty{});
  EXPECT_EQ(host.renewed, 1);
  EXPECT_TRUE(host.done.empty());
  host.lose();
  host.bind();
  host.take(0, "m");
  EXPECT_OK(host.done.at(0).second);
  Host other;
  other.connect();
  other.say(Command::enquire_link_resp, 0, other.expect(Command::bind_transceiver).header.sequence, Empty{});
  EXPECT_EQ(other.renewed, 1);
  EXPECT_FALSE(other.session.healthy());
}

TEST(SmppLine, a_message_taken_under_an_unreadable_id_is_taken) {
  Host host;
  host.bind();
  host.send("r");
  const auto sequence = host.expect(Command::submit_sm).header.sequence;
  Bytes answer = *wire::from_hex("8000000400000000000000000A0A");
  answer[11] = static_cast<std::uint8_t>(sequence);
  host.say_raw(answer);
  ASSERT_EQ(host.done.size(), 1U);
  EXPECT_EQ(host.done[0].second->network_ids, std::vector<std::string>{""});
}

TEST(SmppLine, answers_to_nothing_are_passed_over) {
  Host host;
  host.bind();
  host.say(Command::submit_sm_resp, 0, 999, MessageId{"m", {}});
  host.say(Command::generic_nack, 3, 0, Empty{});
  EXPECT_OK(host.session.healthy());
  EXPECT_EQ(host.renewed, 0);
}

TEST(SmppLine, a_nack_of_a_submit_is_a_refusal) {
  Host host;
  host.bind();
  host.send("r");
  host.say(Command::generic_nack, 3, host.expect(Command::submit_sm).header.sequence, Empty{});
  EXPECT_REFUSED(host.done.at(0).second, Code::refused, "sms.refused");
}

TEST(SmppLine, closing_unbinds_first) {
  Host host;
  host.bind();
  host.session.close(host.now);
  host.settle();
  EXPECT_FALSE(host.session.closed());
  host.say(Command::unbind_resp, 0, host.expect(Command::unbind).header.sequence, Empty{});
  EXPECT_TRUE(host.session.closed());
  host.lose();
  host.connect();
  EXPECT_TRUE(host.sent.empty());
  host.send("late");
  host.session.fail_all({Code::unavailable, "sms.stopping", ""});
  host.settle();
  EXPECT_REFUSED(host.done.at(0).second, Code::unavailable, "sms.stopping");
}

}  // namespace
}  // namespace tf::sms::smpp::test
