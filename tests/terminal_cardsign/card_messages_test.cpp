// Short messages for the card, in a reader that other programs use too.
#include "terminal/cardsign/card_messages.hpp"

#include "tests/support/expect.hpp"
#include "tests/terminal_cardsign/site.hpp"

namespace tf::terminal::test {
namespace {

namespace ota = apdu::ota;
using tf::test::must;

struct Messages : testing::Test {
  Messages() : keys(must(card::ota_keys(site.card.services().memory))), reach(site.reach()) { site.enrol(); }
  // As a modem tells them: one message with a long answer.
  std::vector<Bytes> pdus(std::uint64_t counter, std::uint8_t reference) const {
    const Bytes script = must(ota::encode_script({apdu::shield::read_public_key(apdu::shield::Slot::payment), apdu::shield::read_certificate(apdu::shield::Slot::payment)}));
    return pdus_of(script, counter, reference);
  }
  // Two of them, with a short answer: it is no certificate.
  std::vector<Bytes> long_pdus(std::uint64_t counter, std::uint8_t reference) const {
    return pdus_of(must(ota::encode_script({apdu::shield::store_certificate(apdu::shield::Slot::payment, Bytes(200, 1))})), counter, reference);
  }
  std::vector<Bytes> pdus_of(ByteView script, std::uint64_t counter, std::uint8_t reference) const {
    std::vector<Bytes> out;
    for (const Bytes& user : must(ota::user_data_of(must(ota::seal_command({ota::kShieldTar, counter, to_bytes(script)}, keys)), reference))) {
      out.push_back(Bytes{0x00});
      append(out.back(), must(ota::deliver("491710000000", user)));
    }
    return out;
  }

  Site site;
  ota::Keys keys;
  CardInReach reach;
};

TEST_F(Messages, go_to_the_card_and_its_proof_comes_back) {
  CardMessages messages(reach);
  const auto parts = long_pdus(1, 1);
  ASSERT_EQ(parts.size(), 2U);
  const auto first = must(messages.take(parts[0]));
  EXPECT_TRUE(first.for_card);
  EXPECT_TRUE(first.proof.empty());
  EXPECT_TRUE(first.report.empty());
  const auto last = must(messages.take(parts[1]));
  EXPECT_EQ(must(ota::open_response(last.proof, keys, ota::kShieldTar, 1)).status, ota::ResponseStatus::ok);
  EXPECT_EQ(last.report, must(ota::deliver_report(last.proof)));
  EXPECT_EQ(site.pcsc.held, 0);
}

TEST_F(Messages, with_an_answer_too_long_for_a_delivery_report_have_a_proof_and_no_report) {
  CardMessages messages(reach);
  const auto parts = pdus(1, 1);
  ASSERT_EQ(parts.size(), 1U);
  const auto taken = must(messages.take(parts[0]));
  EXPECT_GT(taken.proof.size(), ota::kMaxReport);
  EXPECT_TRUE(taken.report.empty());
}

TEST_F(Messages, of_people_are_not_shown_to_the_card) {
  CardMessages messages(reach);
  const std::size_t before = site.pcsc.sent.size();
  Bytes text = long_pdus(1, 1)[0];
  text[1 + 9] = 0x00;  // protocol identifier
  EXPECT_FALSE(must(messages.take(text)).for_card);
  EXPECT_EQ(site.pcsc.sent.size(), before);
  EXPECT_REFUSED(messages.take(ByteView(text).first(8)), Code::malformed, "ota.message");
  EXPECT_REFUSED(messages.take({}), Code::malformed, "ota.message");
}

TEST_F(Messages, find_the_card_again_after_another_program_reset_it) {
  CardMessages messages(reach);
  const auto parts = long_pdus(1, 1);
  (void)must(messages.take(parts[0]));
  site.card.card().reset();  // the channel and the first part are gone
  EXPECT_TRUE(must(messages.take(parts[1])).proof.empty());
  EXPECT_FALSE(must(messages.take(parts[0])).proof.empty());
}

TEST_F(Messages, leave_the_selected_application_alone_and_their_channel_free) {
  auto& way = *reach.channel;
  must(apdu::exchange_ok(way, apdu::shield::select()));
  for (int i = 0; i < 5; ++i) {
    CardMessages messages(reach);
    EXPECT_FALSE(must(messages.take(pdus(static_cast<std::uint64_t>(i + 1), 1)[0])).proof.empty());
  }
  EXPECT_OK(apdu::exchange_ok(way, apdu::shield::get_data(apdu::shield::Object::serial)));
}

TEST_F(Messages, that_the_card_does_not_understand_are_told_with_its_status) {
  CardMessages messages(reach);
  Bytes odd = pdus(1, 1)[0];
  odd.resize(odd.size() - 1);
  EXPECT_REFUSED(messages.take(odd), Code::refused, "cardsign.message_refused");
  EXPECT_FALSE(must(messages.take(pdus(1, 1)[0])).proof.empty());
}

}  // namespace
}  // namespace tf::terminal::test
