#include "sms/smpp/receipt.hpp"

#include "tests/support/expect.hpp"

namespace tf::sms::smpp {
namespace {

ShortMessage of(std::string_view text, std::vector<Tlv> tlvs = {}) {
  ShortMessage out;
  out.esm_class = 0x04;
  out.text = to_bytes(as_bytes(text));
  out.tlvs = std::move(tlvs);
  return out;
}

TEST(SmppReceipt, is_known_by_its_mark) {
  ShortMessage message = of("");
  EXPECT_TRUE(is_receipt(message));
  for (const unsigned mark : {0x44U, 0x84U, 0x20U, 0x07U}) {
    message.esm_class = static_cast<std::uint8_t>(mark);
    EXPECT_TRUE(is_receipt(message)) << mark;
  }
  for (const unsigned mark : {0x00U, 0x40U, 0x08U, 0x10U, 0x18U, 0x24U}) {
    message.esm_class = static_cast<std::uint8_t>(mark);
    EXPECT_FALSE(is_receipt(message)) << mark;
  }
}

TEST(SmppReceipt, is_read_from_its_text) {
  const auto got = read_receipt(of("id:0123456789 sub:001 dlvrd:001 submit date:2611010101 done date:2611010102 stat:DELIVRD err:000 text:hello")).value();
  EXPECT_EQ(got.network_id, "0123456789");
  EXPECT_EQ(got.state, DeliveryState::delivered);
  EXPECT_EQ(got.error, "000");
  EXPECT_EQ(got.reference, "");
  const auto loud = read_receipt(of("ID:a-b STAT:UNDELIV ERR:04b")).value();
  EXPECT_EQ(loud.state, DeliveryState::undeliverable);
  EXPECT_EQ(loud.error, "04b");
}

TEST(SmppReceipt, knows_every_state_by_word_and_by_number) {
  const std::vector<std::pair<const char*, DeliveryState>> states = {
      {"ENROUTE", DeliveryState::underway}, {"DELIVRD", DeliveryState::delivered}, {"EXPIRED", DeliveryState::expired},
      {"DELETED", DeliveryState::deleted},  {"UNDELIV", DeliveryState::undeliverable}, {"ACCEPTD", DeliveryState::accepted},
      {"UNKNOWN", DeliveryState::unknown},  {"REJECTD", DeliveryState::rejected}};
  std::uint8_t number = 0;
  for (const auto& [word, state] : states) {
    EXPECT_EQ(read_receipt(of(std::string("id:1 stat:") + word))->state, state);
    EXPECT_EQ(read_receipt(of("", {{tag::receipted_message_id, {'1', 0}}, {tag::message_state, {++number}}}))->state, state);
    EXPECT_NE(name_of(state), "");
  }
}

TEST(SmppReceipt, parameters_count_more_than_text) {
  const auto got = read_receipt(of("id:text stat:DELIVRD err:001", {{tag::receipted_message_id, {'t', 'l', 'v', 0}}, {tag::message_state, {8}}})).value();
  EXPECT_EQ(got.network_id, "tlv");
  EXPECT_EQ(got.state, DeliveryState::rejected);
}

TEST(SmppReceipt, what_the_phones_user_wrote_does_not_count) {
  EXPECT_REFUSED(read_receipt(of("sub:001 text:id:1 stat:DELIVRD")), Code::malformed, "sms.receipt");
  EXPECT_EQ(read_receipt(of("id:1 stat:UNDELIV text:stat:DELIVRD"))->state, DeliveryState::undeliverable);
  EXPECT_EQ(read_receipt(of("id:1 stat:UNDELIV text: stat:DELIVRD err:9"))->error, "");
}

TEST(SmppReceipt, refuses_one_without_message_or_state) {
  for (const char* bad : {"", "id:", "id:1", "stat:DELIVRD", "id:1 stat:", "id:1 stat:DELIVERED", "id:1 stat:delivrd", "xid:1 stat:DELIVRD", "id: stat:DELIVRD"})
    EXPECT_REFUSED(read_receipt(of(bad)), Code::malformed, "sms.receipt");
  EXPECT_REFUSED(read_receipt(of("id:" + std::string(65, '1') + " stat:DELIVRD")), Code::malformed, "sms.receipt");
  EXPECT_REFUSED(read_receipt(of("id:1", {{tag::message_state, {9}}})), Code::malformed, "sms.receipt");
  EXPECT_REFUSED(read_receipt(of("id:1", {{tag::message_state, {}}})), Code::malformed, "sms.receipt");
  EXPECT_REFUSED(read_receipt(of("id:a\nb stat:DELIVRD")), Code::malformed, "sms.receipt");
}

}  // namespace
}  // namespace tf::sms::smpp
