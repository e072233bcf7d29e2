#include "sms/smpp/message.hpp"

#include "sms/settings.hpp"
#include "tests/support/expect.hpp"

namespace tf::sms::smpp {
namespace {

SmppSettings settings() {
  SmppSettings out;
  out.host = "127.0.0.1";
  out.system_id = "ferry";
  out.password = SecretBytes(as_bytes("secret08"));
  out.source = "Ferry";
  return out;
}

TEST(SmppMessage, is_one_submit_sm_when_it_is_short) {
  std::uint8_t concatenation = 9;
  const auto out = messages_of(settings(), {"8613800138000", "code 1234", "r"}, concatenation);
  ASSERT_EQ(out.size(), 1U);
  EXPECT_EQ(out[0].destination, (Address{1, 1, "8613800138000"}));
  EXPECT_EQ(out[0].source, (Address{5, 0, "Ferry"}));
  EXPECT_EQ(out[0].esm_class, 0);
  EXPECT_EQ(out[0].data_coding, 0);
  EXPECT_EQ(out[0].registered_delivery, 1);
  EXPECT_EQ(concatenation, 9);
  EXPECT_EQ(messages_of(settings(), {"8613800138000", "确认码", "r"}, concatenation)[0].data_coding, 8);
}

TEST(SmppMessage, is_parts_with_headers_that_join_them) {
  std::uint8_t concatenation = 255;
  const auto out = messages_of(settings(), {"8613800138000", std::string(320, 'a'), "r"}, concatenation);
  ASSERT_EQ(out.size(), 3U);
  EXPECT_EQ(concatenation, 0);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(out[i].esm_class, 0x40);
    EXPECT_EQ(to_bytes(ByteView(out[i].text).first(6)), (Bytes{5, 0, 3, 0, 3, static_cast<std::uint8_t>(i + 1)}));
  }
  EXPECT_EQ(out[0].text.size(), 159U);
  EXPECT_EQ(out[2].text.size(), 6U + 320 - 306);
}

TEST(SmppMessage, or_one_with_a_payload) {
  SmppSettings with_payload = settings();
  with_payload.long_text = LongText::payload;
  with_payload.receipts = false;
  std::uint8_t concatenation = 1;
  const auto out = messages_of(with_payload, {"8613800138000", std::string(320, 'a'), "r"}, concatenation);
  ASSERT_EQ(out.size(), 1U);
  EXPECT_TRUE(out[0].text.empty());
  EXPECT_EQ(out[0].registered_delivery, 0);
  EXPECT_EQ(find(out[0].tlvs, tag::message_payload)->value.size(), 320U);
}

TEST(SmppMessage, says_what_its_source_is) {
  const auto source = [](const char* text) {
    SmppSettings with = settings();
    with.source = text;
    std::uint8_t concatenation = 0;
    return messages_of(with, {"8613800138000", "a", "r"}, concatenation)[0].source;
  };
  EXPECT_EQ(source("8610123456"), (Address{1, 1, "8610123456"}));
  EXPECT_EQ(source("95588"), (Address{3, 0, "95588"}));
  EXPECT_EQ(source("BANK 1"), (Address{5, 0, "BANK 1"}));
  EXPECT_EQ(source(""), (Address{0, 0, ""}));
  SmppSettings told = settings();
  told.source_ton = 2;
  told.source_npi = 8;
  std::uint8_t concatenation = 0;
  EXPECT_EQ(messages_of(told, {"8613800138000", "a", "r"}, concatenation)[0].source, (Address{2, 8, "Ferry"}));
}

TEST(SmppSettings, that_do_not_fit_are_refused) {
  EXPECT_OK(check_settings(settings()));
  const auto refused = [](auto change) {
    SmppSettings out = settings();
    change(out);
    EXPECT_REFUSED(check_settings(out), Code::invalid, "sms.settings");
  };
  refused([](SmppSettings& s) { s.host.clear(); });
  refused([](SmppSettings& s) { s.port = 0; });
  refused([](SmppSettings& s) { s.system_id.clear(); });
  refused([](SmppSettings& s) { s.system_id = std::string(16, 'a'); });
  refused([](SmppSettings& s) { s.password = SecretBytes(as_bytes("ninechars")); });
  refused([](SmppSettings& s) { s.system_type = std::string(13, 'a'); });
  refused([](SmppSettings& s) { s.source = "twelve chars"; });
  refused([](SmppSettings& s) { s.source = std::string(21, '1'); });
  refused([](SmppSettings& s) { s.source = "a\n"; });
  refused([](SmppSettings& s) { s.window = 0; });
  refused([](SmppSettings& s) { s.answer_timeout = std::chrono::milliseconds(0); });
  refused([](SmppSettings& s) { s.longest_pause = s.first_pause / 2; });
}

}  // namespace
}  // namespace tf::sms::smpp
