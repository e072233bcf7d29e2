#include "sms/text.hpp"

#include "sms/sender.hpp"
#include "tests/support/expect.hpp"
#include "wire/encoding.hpp"

namespace tf::sms {
namespace {

std::string hex_of(std::string_view text) { return wire::hex_upper(encode_text(text).value().whole()); }
Alphabet alphabet_of(std::string_view text) { return encode_text(text).value().alphabet; }

TEST(SmsText, has_the_codes_of_the_gsm_alphabet) {
  // TS 23.038 §6.2.1
  EXPECT_EQ(hex_of("@£$¥èéùìòÇ\nØø\rÅå"), "000102030405060708090A0B0C0D0E0F");
  EXPECT_EQ(hex_of("Δ_ΦΓΛΩΠΨΣΘΞÆæßÉ"), "101112131415161718191A1C1D1E1F");
  EXPECT_EQ(hex_of(" !\"#¤%&'()*+,-./0123456789:;<=>?"), "202122232425262728292A2B2C2D2E2F303132333435363738393A3B3C3D3E3F");
  EXPECT_EQ(hex_of("¡ABCXYZÄÖÑÜ§¿abcxyzäöñüà"), "4041424358595A5B5C5D5E5F6061626378797A7B7C7D7E7F");
}

TEST(SmsText, escapes_the_extension_table) {
  EXPECT_EQ(hex_of("^{}\\[~]|€"), "1B141B281B291B2F1B3C1B3D1B3E1B401B65");
}

TEST(SmsText, one_character_outside_makes_it_all_ucs2) {
  EXPECT_EQ(alphabet_of("code 1234"), Alphabet::gsm);
  EXPECT_EQ(alphabet_of("确认码1234"), Alphabet::ucs2);
  EXPECT_EQ(hex_of("确1"), "786E0031");
  EXPECT_EQ(hex_of("😀a"), "D83DDE000061");
  EXPECT_EQ(alphabet_of("`"), Alphabet::ucs2);
}

TEST(SmsText, a_short_message_holds_160_or_70_characters) {
  EXPECT_EQ(encode_text(std::string(160, 'a'))->parts(), 1U);
  EXPECT_EQ(encode_text(std::string(161, 'a'))->parts(), 2U);
  EXPECT_EQ(encode_text(std::string(306, 'a'))->parts(), 2U);
  EXPECT_EQ(encode_text(std::string(307, 'a'))->parts(), 3U);
  std::string chinese;
  for (int i = 0; i < 70; ++i) chinese += "码";
  EXPECT_EQ(encode_text(chinese)->parts(), 1U);
  EXPECT_EQ(encode_text(chinese + "码")->parts(), 2U);
}

TEST(SmsText, no_character_is_torn_apart) {
  const auto escaped = encode_text(std::string(152, 'a') + "€" + std::string(50, 'b')).value().split();
  ASSERT_EQ(escaped.size(), 2U);
  EXPECT_EQ(escaped[0].size(), 152U);
  EXPECT_EQ(escaped[1][0], 0x1b);
  std::string faces = "码";
  for (int i = 0; i < 40; ++i) faces += "😀";
  const auto parts = encode_text(faces).value().split();
  ASSERT_EQ(parts.size(), 2U);
  EXPECT_EQ(parts[0].size(), 134U);
  EXPECT_EQ(parts[1][0] & 0xfc, 0xd8);  // the first half of a pair
}

TEST(SmsText, parts_put_together_are_the_whole) {
  const auto text = encode_text(std::string(400, 'x') + "€{}" + std::string(100, 'y')).value();
  Bytes all;
  for (const Bytes& part : text.split()) {
    EXPECT_LE(part.size(), 153U);
    append(all, part);
  }
  EXPECT_EQ(all, text.whole());
}

TEST(SmsText, refuses_what_is_no_text) {
  for (const std::string_view bad : {std::string_view(""), std::string_view("\0", 1), std::string_view("a\x1b"), std::string_view("\t"), std::string_view("\x7f"),
                                     std::string_view("\xc2\x85"), std::string_view("\x80"), std::string_view("\xc0\xaf"), std::string_view("\xe0\x80\xaf"),
                                     std::string_view("\xf0\x80\x80\xaf"), std::string_view("\xed\xa0\x80"), std::string_view("\xf4\x90\x80\x80"),
                                     std::string_view("\xc3"), std::string_view("\xe2\x82"), std::string_view("\xc3\x28"), std::string_view("\xff")})
    EXPECT_REFUSED(encode_text(bad), Code::invalid, "sms.text");
}

TEST(SmsMessage, has_a_number_a_reference_and_a_length) {
  EXPECT_OK(check({"8613800138000", "hello", "r-1"}));
  for (const char* to : {"", "123456", "1234567890123456", "+8613800138000", "013800138000", "86 13800138000", "8613800138000\n"})
    EXPECT_REFUSED(check({to, "hello", "r"}), Code::invalid, "sms.number");
  for (const std::string& reference : {std::string(), std::string(65, 'a'), std::string("a b"), std::string("a\"")})
    EXPECT_REFUSED(check({"8613800138000", "hello", reference}), Code::invalid, "sms.reference");
  EXPECT_OK(check({"8613800138000", std::string(1530, 'a'), "r"}));
  EXPECT_REFUSED(check({"8613800138000", std::string(1531, 'a'), "r"}), Code::invalid, "sms.text");
}

TEST(SmsMessage, for_a_card_is_octets_behind_headers_and_no_text) {
  const auto message = [](std::vector<Bytes> user_data, std::string text = {}) { return Message{"8613800138000", std::move(text), "r", std::move(user_data)}; };
  EXPECT_OK(check(message({{2, 0x70, 0, 1}})));
  EXPECT_OK(check(message(std::vector<Bytes>(kMaxUserDataParts, Bytes(kMaxUserData, 6)))));
  EXPECT_REFUSED(check(message({{2, 0x70, 0, 1}}, "and a text")), Code::invalid, "sms.user_data");
  EXPECT_REFUSED(check(message(std::vector<Bytes>(kMaxUserDataParts + 1, Bytes(9, 6)))), Code::invalid, "sms.user_data");
  for (const Bytes& bad : {Bytes{}, Bytes{0, 1, 2}, Bytes{2, 0x70}, Bytes(kMaxUserData + 1, 6)}) EXPECT_REFUSED(check(message({{2, 0x70, 0, 1}, bad})), Code::invalid, "sms.user_data");
  EXPECT_REFUSED(check({"123", "", "r", {{2, 0x70, 0, 1}}}), Code::invalid, "sms.number");
}

}  // namespace
}  // namespace tf::sms
