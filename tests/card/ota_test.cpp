// Over the air: a certificate renewed by a secured packet, replays, counters, what is altered on the way.
#include <gtest/gtest.h>

#include "apdu/secured_packet.hpp"
#include "apdu/sms_download.hpp"
#include "tests/card/shield_support.hpp"
#include "tests/support/expect.hpp"

namespace tf::card::test {
namespace {

namespace ota = apdu::ota;
using ota::ResponseStatus;

struct OverTheAir : testing::Test {
  OverTheAir() : key(enrol(card, Slot::payment)), keys(must(ota_keys(card.services().memory))) {}
  Bytes packet(std::uint64_t counter, const std::vector<apdu::CommandApdu>& commands) const {
    return must(ota::seal_command({ota::kShieldTar, counter, must(ota::encode_script(commands))}, keys));
  }
  Bytes send(ByteView octets) { return data(card, ota::envelope(octets)); }
  ota::ResponsePacket opened(ByteView answer, std::uint64_t counter) const { return must(ota::open_response(answer, keys, ota::kShieldTar, counter)); }
  Bytes stored() { return data(card, shield::read_certificate(Slot::payment)); }
  apdu::CommandApdu store(int serial) { return shield::store_certificate(Slot::payment, certificate_for(key, serial)); }

  TestCard card;
  crypto::PublicKey key;
  ota::Keys keys;
};

TEST_F(OverTheAir, a_certificate_is_renewed_and_its_receipt_proved) {
  const auto command = store(2);
  const auto answer = opened(send(packet(1, {command})), 1);
  EXPECT_EQ(answer.status, ResponseStatus::ok);
  EXPECT_EQ(must(ota::parse_outcome(answer.data)), std::vector{apdu::ResponseApdu()});
  EXPECT_EQ(stored(), to_bytes(must(shield::parse_store_certificate(command.data))));
}

TEST_F(OverTheAir, reaches_a_card_whose_usim_alone_is_selected) {
  ASSERT_EQ(card.raw("00A4040C 07 A0000000871002"), "9000");
  EXPECT_EQ(opened(send(packet(1, {store(2)})), 1).status, ResponseStatus::ok);
  auto interindustry = ota::envelope(packet(2, {store(3)}));
  interindustry.cla = 0x00;
  EXPECT_EQ(opened(data(card, interindustry), 2).status, ResponseStatus::ok);
}

TEST_F(OverTheAir, arrives_in_short_messages_in_any_order) {
  auto parts = must(ota::downloads(packet(1, {store(2)}), 4, "491701234567"));
  ASSERT_GE(parts.size(), 3u);
  const auto last = parts.back();
  std::swap(parts[0], parts[2]);
  const Bytes before = stored();
  for (std::size_t i = 0; i + 1 < parts.size(); ++i) EXPECT_EQ(data(card, parts[i]), Bytes{});
  EXPECT_EQ(stored(), before);
  EXPECT_EQ(opened(data(card, parts.back()), 1).status, ResponseStatus::ok);
  EXPECT_NE(stored(), before);
  // Parts of two packets under one reference are no packet.
  const auto other = must(ota::downloads(packet(2, {store(3)}), 4, "491701234567"));
  ASSERT_EQ(other.size(), parts.size());
  for (std::size_t i = 0; i + 1 < parts.size(); ++i) (void)data(card, other[i]);
  EXPECT_EQ(data(card, last).back(), static_cast<std::uint8_t>(ResponseStatus::checksum_failed));
  EXPECT_EQ(status(card, {.cla = 0x80, .ins = 0xC2, .data = hex("D100")}), StatusWord::wrong_data);
}

TEST_F(OverTheAir, other_containers_are_reached_by_name) {
  const auto theirs = enrol(card, Slot::payment, shield::Algorithm::p256, 1);
  const Bytes fresh = certificate_for(theirs, 5);
  const auto answer = opened(send(packet(1, {shield::set_container(1), shield::store_certificate(Slot::payment, fresh), shield::read_certificate(Slot::payment)})), 1);
  const auto answers = must(ota::parse_outcome(answer.data));
  ASSERT_EQ(answers.size(), 3u);
  EXPECT_EQ(answers[2].data, fresh);
  ASSERT_EQ(status(card, shield::set_container(1)), StatusWord::ok);
  EXPECT_EQ(stored(), fresh);
}

TEST_F(OverTheAir, the_newest_packet_once_more_gives_the_same_proof_and_changes_nothing) {
  const Bytes first = packet(7, {store(2)});
  const Bytes proof = send(first);
  enrol(card, Slot::payment);  // another key since
  const Bytes now = stored();
  card.restart();
  ASSERT_EQ(status(card, shield::select()), StatusWord::ok);
  EXPECT_EQ(send(first), proof);
  EXPECT_EQ(stored(), now);
}

TEST_F(OverTheAir, another_packet_with_the_newest_counter_is_told_low_and_gets_no_proof_of_the_first) {
  (void)send(packet(7, {store(2)}));
  const Bytes now = stored();
  EXPECT_EQ(opened(send(packet(7, {store(3)})), 7).status, ResponseStatus::counter_low);
  EXPECT_EQ(stored(), now);
}

TEST_F(OverTheAir, older_counters_are_told_low_for_good) {
  const Bytes second = packet(2, {store(2)});
  (void)send(packet(9, {store(3)}));
  const Bytes now = stored();
  for (const std::uint64_t counter : {0u, 1u, 8u}) EXPECT_EQ(opened(send(packet(counter, {store(4)})), counter).status, ResponseStatus::counter_low);
  EXPECT_EQ(opened(send(second), 2).status, ResponseStatus::counter_low);
  card.restart();
  ASSERT_EQ(status(card, shield::select()), StatusWord::ok);
  EXPECT_EQ(opened(send(second), 2).status, ResponseStatus::counter_low);
  EXPECT_EQ(stored(), now);
}

TEST_F(OverTheAir, a_script_is_carried_out_all_or_not_at_all_and_its_counter_is_used_up) {
  const Bytes before = stored();
  const Bytes octets = packet(1, {store(2), shield::store_certificate(Slot::hash, certificate_for(key, 2)), store(3)});
  const auto answer = opened(send(octets), 1);
  const auto answers = must(ota::parse_outcome(answer.data));
  ASSERT_EQ(answers.size(), 2u);
  EXPECT_EQ(answers[1].status, StatusWord::reference_not_found);
  EXPECT_EQ(stored(), before);
  EXPECT_EQ(opened(send(octets), 1).data, answer.data);
  EXPECT_EQ(opened(send(packet(2, {store(2)})), 2).status, ResponseStatus::ok);
  EXPECT_NE(stored(), before);
}

TEST_F(OverTheAir, keys_are_not_made_and_payments_not_signed_over_the_air) {
  std::uint64_t counter = 0;
  for (const auto& command : {shield::generate_key(Slot::payment, shield::Algorithm::p256, {}), shield::prepare_payment(), shield::read_record(1), shield::delete_container(1)}) {
    ++counter;
    EXPECT_EQ(must(ota::parse_outcome(opened(send(packet(counter, {command})), counter).data))[0].status, StatusWord::wrong_ins);
  }
}

TEST_F(OverTheAir, who_does_not_know_the_keys_gets_no_word_under_them) {
  const Bytes before = stored();
  const Bytes good = packet(1, {store(2)});
  for (std::size_t at = 10; at < good.size(); at += 7) {
    Bytes altered = good;
    altered[at] ^= 0x10;
    const Bytes answer = send(altered);
    EXPECT_EQ(answer.size(), 16u);
    EXPECT_EQ(answer.back(), static_cast<std::uint8_t>(ResponseStatus::checksum_failed));
    EXPECT_REFUSED(ota::open_response(answer, keys, ota::kShieldTar, 1), Code::refused, "ota.proof");
  }
  Bytes weaker = good;
  weaker[3] = 0x00;
  EXPECT_EQ(send(weaker).back(), static_cast<std::uint8_t>(ResponseStatus::insufficient_security));
  Bytes cut = good;
  cut.pop_back();
  EXPECT_EQ(status(card, ota::envelope(cut)), StatusWord::wrong_data);
  EXPECT_EQ(stored(), before);
  EXPECT_EQ(opened(send(good), 1).status, ResponseStatus::ok);  // no counter was used up
}

TEST_F(OverTheAir, another_cards_packet_and_another_application_are_refused) {
  TestCard other("other");
  const auto others = must(ota_keys(other.services().memory));
  const Bytes foreign = must(ota::seal_command({ota::kShieldTar, 1, must(ota::encode_script({store(2)}))}, others));
  EXPECT_EQ(send(foreign).back(), static_cast<std::uint8_t>(ResponseStatus::checksum_failed));
  const ota::Tar tar{0xB0, 0x00, 0x00};
  const Bytes elsewhere = must(ota::seal_command({tar, 1, must(ota::encode_script({store(2)}))}, keys));
  EXPECT_EQ(must(ota::open_response(send(elsewhere), keys, tar, 1)).status, ResponseStatus::tar_unknown);
}

TEST_F(OverTheAir, what_is_no_script_is_told_so_and_uses_its_counter_up) {
  const Bytes octets = must(ota::seal_command({ota::kShieldTar, 3, hex("AB03800101")}, keys));
  EXPECT_EQ(opened(send(octets), 3).status, ResponseStatus::unidentified_security_error);
  EXPECT_EQ(opened(send(packet(2, {store(2)})), 2).status, ResponseStatus::counter_low);
}

TEST_F(OverTheAir, power_that_goes_at_any_write_leaves_counter_certificate_and_proof_together) {
  const auto command = store(2);
  const Bytes fresh = to_bytes(must(shield::parse_store_certificate(command.data)));
  const Bytes octets = packet(5, {command});
  const Bytes before = stored();
  for (const auto cut : {VolatileStorage::Cut::before, VolatileStorage::Cut::after}) {
    card.storage().cut_at(1, cut);
    EXPECT_FALSE(card.send(ota::envelope(octets)).ok());
    card.restart();
    ASSERT_EQ(status(card, shield::select()), StatusWord::ok);
    EXPECT_EQ(stored(), cut == VolatileStorage::Cut::before ? before : fresh);
  }
  EXPECT_EQ(opened(send(octets), 5).status, ResponseStatus::ok);
  EXPECT_EQ(stored(), fresh);
}

}  // namespace
}  // namespace tf::card::test
