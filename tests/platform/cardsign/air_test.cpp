// Renewal over the air by short messages, over SMPP and back: what waits reaches the card, once, whatever the network does with the parts.
#include <algorithm>
#include <thread>

#include "tests/platform/cardsign/air.hpp"

namespace tf::platform::test {
namespace {

TEST_F(CardsignAir, renewed_certificates_reach_the_card_one_packet_after_the_other_and_old_ones_are_revoked) {
  const auto before = must(desk.service->cards().show(kSerialA)).slots;
  desk.mark();
  renew();
  EXPECT_EQ(waiting(), 3);
  int packets = 0;
  for (Messages messages = sent(); !messages.empty(); messages = sent()) {
    ++packets;
    EXPECT_GE(messages.size(), 2U);
    for (const ShortMessage& each : messages) {
      EXPECT_EQ(each.destination.digits, kNumberA);
      EXPECT_EQ(each.protocol_id, 0x7F);
      EXPECT_EQ(each.data_coding, 0xF6);
      EXPECT_EQ(each.esm_class, 0x40);
    }
    EXPECT_EQ(waiting(), 4 - packets);
    centre.report(kNumberA, hand_over(messages));
  }
  EXPECT_EQ(packets, 3);
  EXPECT_EQ(waiting(), 0);
  const auto after = must(desk.service->cards().show(kSerialA));
  EXPECT_EQ(after.number, kNumberA);
  for (std::size_t i = 0; i < before.size(); ++i) EXPECT_NE(after.slots[i].certificate_serial, before[i].certificate_serial);
  const auto state = [&] { return must(desk.authority->show(before[0].certificate_serial)).state; };
  for (int tries = 0; tries < 200 && state() != ca::State::revoked; ++tries) std::this_thread::sleep_for(std::chrono::milliseconds(50));  // behind the proof
  EXPECT_EQ(state(), ca::State::revoked);
  std::vector<std::string> acts;
  for (const auto& each : desk.audited())
    if (each.action == "cardsign.packet" || each.action == "cardsign.proof") acts.push_back(each.action + " " + each.outcome);
  EXPECT_EQ(acts, (std::vector<std::string>{"cardsign.packet accepted", "cardsign.proof accepted", "cardsign.packet accepted", "cardsign.proof accepted", "cardsign.packet accepted",
                                            "cardsign.proof accepted"}));
  must(desk.instruments->enrol("test", payer_of("anna"), {.wallet = "alipay", .number = SecretBytes(as_bytes("anna@example.com")), .expiry = {}, .has_pin = false}));
  EXPECT_OK(desk.terminal_of(*card).pay({.payment = desk.order("A-1")}));
}

TEST_F(CardsignAir, a_terminal_that_asked_by_itself_meanwhile_makes_the_packet_needless) {
  renew();
  const Messages late = sent();
  EXPECT_EQ(must(desk.terminal_of(*card).update(kSerialA)).count, 3);
  desk.mark();
  const Bytes report = hand_over(late);
  ASSERT_FALSE(report.empty());
  centre.report(kNumberA, report);  // the card had a higher counter
  EXPECT_TRUE(sent().empty());
  EXPECT_EQ(waiting(), 0);
  EXPECT_TRUE(desk.reasons().empty());
  renew();
  EXPECT_FALSE(hand_over(sent()).empty());
}

TEST_F(CardsignAir, a_counter_that_the_card_has_had_is_followed_by_a_higher_one_and_not_for_ever) {
  const auto use_up = [&](std::uint64_t counter) {
    const Bytes script = must(apdu::ota::encode_script({apdu::shield::read_certificate(cardsign::Slot::payment)}));
    const Bytes packet = must(apdu::ota::seal_command({apdu::ota::kShieldTar, counter, script}, card->plan.ota));
    must(apdu::exchange_ok(*card->in_reach.channel, apdu::shield::select()));
    must(apdu::exchange_ok(*card->in_reach.channel, apdu::ota::envelope(packet)));
  };
  use_up(2);
  renew();
  int rounds = 0;
  for (Messages messages = sent(); !messages.empty() && waiting() == 3; messages = sent()) {
    ++rounds;
    centre.report(kNumberA, hand_over(messages));
    settle();
  }
  EXPECT_EQ(rounds, 3) << "counters 1 and 2 were of no use";
  EXPECT_EQ(waiting(), 2);
  use_up(1000);
  desk.now.advance(std::chrono::hours(1));
  desk.service->air();
  int more = 0;
  for (Messages messages = sent(); !messages.empty() && more < 100; messages = sent(), ++more) centre.report(kNumberA, hand_over(messages));
  EXPECT_EQ(more, kMostTries - 1) << "one was sent before";
  EXPECT_EQ(waiting(), 2);
  desk.now.advance(std::chrono::hours(24 * 30));
  desk.service->air();
  EXPECT_TRUE(sent().empty()) << "it rests";
  // A terminal that asks has counters of its own, and so has who sets the number anew.
  must(desk.service->cards().set_number("test", kSerialA, "8613800138001"));
  desk.service->air();
  EXPECT_FALSE(sent().empty());
}

TEST_F(CardsignAir, what_proves_nothing_is_refused_and_alarms_nobody) {
  const auto other = desk.enrolled("TF-000002", "berta");
  renew();
  const Messages messages = sent();
  terminal::CardMessages elsewhere(other->in_reach);
  Bytes answer;
  for (const ShortMessage& each : messages) answer = must(elsewhere.take(MessageCentre::pdu_of(each))).report;
  ASSERT_FALSE(answer.empty()) << "a status without a proof";
  desk.mark();
  centre.report(kNumberA, answer);
  centre.bring(kNumberA, {0x02, 0x71, 0x00});
  settle();
  EXPECT_EQ(desk.reasons(), (std::vector<std::string>{"cardsign.proof", "cardsign.proof"}));
  Bytes proof = hand_over(messages);
  centre.report("8613800138099", proof);  // nobody's number
  settle();
  EXPECT_EQ(waiting(), 3);
  proof.back() ^= 1;
  centre.report(kNumberA, proof);
  settle();
  EXPECT_EQ(waiting(), 3);
  EXPECT_EQ(desk.reason_of(desk.serve("POST", "/cardsign/v1/proof", encode(cardsign::ProofRequest{"TF-000002", {0x02, 0x71, 0x00}}))), "refused");
  EXPECT_EQ(desk.reason_of(desk.serve("POST", "/cardsign/v1/proof", encode(cardsign::ProofRequest{"TF-000009", {0x02, 0x71, 0x00}}))), "refused");
  EXPECT_EQ(desk.reason_of(desk.serve("POST", "/cardsign/v1/proof", "{}")), "refused");
  EXPECT_TRUE(desk.alarms().empty());
  proof.back() ^= 1;
  centre.report(kNumberA, proof);
  settle();
  EXPECT_EQ(waiting(), 2);
}

TEST_F(CardsignAir, a_proof_comes_over_http_too_and_the_same_one_again_gets_the_same_answer) {
  renew();
  Bytes proof;
  for (const ShortMessage& each : sent())
    if (auto taken = must(phone->take(MessageCentre::pdu_of(each))); !taken.proof.empty()) proof = std::move(taken.proof);
  auto terminal = desk.terminal_of(*card);
  desk.mark();
  for (int i = 0; i < 2; ++i) EXPECT_EQ(must(terminal.prove(kSerialA, proof)).count, 1);
  EXPECT_EQ(waiting(), 2);
  EXPECT_TRUE(desk.reasons().empty());
  EXPECT_REFUSED(terminal.prove(kSerialA, Bytes{0x02, 0x71, 0x00}), Code::refused, "cardsign.refused");
}

TEST_F(CardsignAir, a_card_that_will_not_have_it_is_left_in_peace_until_there_is_another) {
  renew();
  // The key is another one by now: the certificate that waits is not for it.
  const std::string code(as_text(must(desk.service->cards().assign("test", kSerialA, 0, "anna")).code.reveal()));
  const Messages messages = sent();
  ASSERT_OK(desk.terminal_of(*card).enrol(code));
  desk.mark();
  const Bytes report = hand_over(messages);
  ASSERT_FALSE(report.empty());
  centre.report(kNumberA, report);
  EXPECT_TRUE(sent().empty());
  EXPECT_EQ(desk.reasons(), std::vector<std::string>{"cardsign.ota_status"});
  desk.now.advance(std::chrono::hours(24 * 30));
  desk.service->air();
  EXPECT_TRUE(sent().empty());
  renew();
  const Messages fresh = sent();
  ASSERT_FALSE(fresh.empty());
  centre.report(kNumberA, hand_over(fresh));
  settle();
  EXPECT_EQ(waiting(), 2);
}

TEST_F(CardsignAir, numbers_are_one_cards_and_a_card_without_gets_nothing) {
  const auto other = desk.enrolled("TF-000002", "berta");
  auto& cards = desk.service->cards();
  EXPECT_REFUSED(cards.set_number("test", "TF-000002", kNumberA), Code::conflict, "cardsign.number_taken");
  EXPECT_REFUSED(cards.set_number("test", "TF-000009", "8613800138009"), Code::not_found, "cardsign.no_card");
  for (const char* bad : {"+8613800138000", "123", "0138001380000", "861380013800x"}) EXPECT_REFUSED(cards.set_number("test", kSerialA, bad), Code::invalid, "cardsign.number");
  must(cards.renew("test", "TF-000002"));
  desk.service->air();
  EXPECT_TRUE(sent().empty());
  must(cards.set_number("test", kSerialA, ""));
  renew();
  EXPECT_TRUE(sent().empty());
  EXPECT_OK(cards.set_number("test", "TF-000002", kNumberA));
  desk.service->air();
  EXPECT_FALSE(sent().empty());
  must(cards.withdraw("test", "TF-000002"));
  desk.now.advance(std::chrono::hours(24));
  desk.service->air();
  EXPECT_TRUE(sent().empty());
  EXPECT_OK(cards.set_number("test", kSerialA, kNumberA));  // the telephone has another card now
  EXPECT_REFUSED(cards.set_number("test", "TF-000002", "8613800138007"), Code::conflict, "cardsign.withdrawn");
}

TEST_F(CardsignAir, what_is_under_way_survives_the_platform) {
  renew();
  const Messages first = sent();
  desk.restart();
  centre.report(kNumberA, hand_over(first));
  settle();
  EXPECT_EQ(waiting(), 2);
}

}  // namespace
}  // namespace tf::platform::test
