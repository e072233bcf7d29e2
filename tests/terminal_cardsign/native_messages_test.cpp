// Frames and messages between browser and bridge.
#include "terminal/cardsign/native_messages.hpp"

#include <cstring>

#include "tests/support/expect.hpp"

namespace tf::terminal::test {
namespace {

// A stream of these octets.
ReadAll stream(Bytes octets) {
  return [octets = std::move(octets), at = std::size_t{0}](MutableByteView out) mutable -> Result<bool> {
    if (at == octets.size()) return false;
    if (octets.size() - at < out.size()) return Error{Code::malformed, "bridge.cut", ""};
    std::copy_n(octets.begin() + static_cast<std::ptrdiff_t>(at), out.size(), out.begin());
    at += out.size();
    return true;
  };
}
Bytes head(std::uint32_t size) {
  Bytes out(4);
  std::memcpy(out.data(), &size, 4);
  return out;
}
Result<NativeRequest> decode(std::string_view text) { return decode_native_request(SecretBytes(as_bytes(text))); }

TEST(NativeFrames, what_was_framed_is_read_again_and_the_end_is_an_end) {
  Bytes two = native_frame("{}").value();
  append(two, native_frame("[1]").value());
  auto read = stream(two);
  EXPECT_EQ(as_text(read_native_message(read).value().reveal()), "{}");
  EXPECT_EQ(as_text(read_native_message(read).value().reveal()), "[1]");
  EXPECT_TRUE(read_native_message(read).value().empty());
}

TEST(NativeFrames, a_length_that_is_nothing_or_too_much_ends_the_stream) {
  EXPECT_REFUSED(read_native_message(stream(head(0))), Code::malformed, "bridge.empty");
  EXPECT_REFUSED(read_native_message(stream(head(kMaxNativeMessage + 1))), Code::malformed, "bridge.too_long");
  EXPECT_REFUSED(read_native_message(stream(head(0xFFFFFFFF))), Code::malformed, "bridge.too_long");
  EXPECT_REFUSED(read_native_message(stream(Bytes{1, 0})), Code::malformed, "bridge.cut");
  EXPECT_REFUSED(read_native_message(stream(head(5))), Code::malformed, "bridge.cut");
  EXPECT_REFUSED(native_frame(std::string(kMaxNativeAnswer + 1, 'x')), Code::invalid, "bridge.too_long");
}

TEST(NativeMessages, every_operation_is_read_with_its_members) {
  const std::string base = R"({"id":7,"origin":"https://pay.example","op":)";
  EXPECT_TRUE(std::holds_alternative<AskReaders>(decode(base + R"("readers"})").value().what));
  EXPECT_EQ(std::get<AskBegin>(decode(base + R"("begin","reader":"R"})").value().what).reader, "R");
  EXPECT_EQ(std::get<AskBegin>(decode(base + R"("begin"})").value().what).reader, "");
  EXPECT_EQ(std::get<AskTransmit>(decode(base + R"("transmit","commands":["AKQEAA"]})").value().what).commands, (std::vector<Bytes>{{0x00, 0xA4, 0x04, 0x00}}));
  EXPECT_EQ(std::get<AskDisplay>(decode(base + R"("display","reply":"{}","keys":"[]"})").value().what).keys, "[]");
  EXPECT_EQ(as_text(std::get<AskPin>(decode(base + R"("pin","pin":"123456"})").value().what).pin.reveal()), "123456");
  EXPECT_EQ(std::get<AskPinState>(decode(base + R"("pin_state"})").value().what).container, 0);
  const auto unblock = decode(base + R"("unblock","container":15,"puk":"ABCD2345","pin":"135790"})");
  ASSERT_OK(unblock);
  EXPECT_EQ(std::get<AskUnblock>(unblock->what).container, 15);
  EXPECT_EQ(as_text(std::get<AskUnblock>(unblock->what).puk.reveal()), "ABCD2345");
  EXPECT_EQ(as_text(std::get<AskUnblock>(unblock->what).pin.reveal()), "135790");
  const auto end = decode(base + R"("end"})");
  ASSERT_OK(end);
  EXPECT_TRUE(std::holds_alternative<AskEnd>(end->what));
  EXPECT_EQ(end->id, 7);
  EXPECT_EQ(end->origin, "https://pay.example");
}

TEST(NativeMessages, what_is_missing_or_more_or_of_another_kind_is_refused) {
  const char* const wrong[] = {
      "", "null", "[]", "{}", R"({"id":1,"op":"readers"})", R"({"origin":"https://a.example","op":"readers"})", R"({"id":0,"origin":"https://a.example","op":"readers"})",
      R"({"id":"1","origin":"https://a.example","op":"readers"})", R"({"id":1,"origin":"https://a.example","op":"sign"})",
      R"({"id":1,"origin":"https://a.example","op":"readers","pin":"123456"})", R"({"id":1,"origin":"https://a.example","op":"pin"})",
      R"({"id":1,"origin":"https://a.example","op":"pin","pin":123456})", R"({"id":1,"origin":"https://a.example","op":"pin","pin":"12345678901234567"})",
      R"({"id":1,"origin":"https://a.example","op":"transmit","commands":[]})", R"({"id":1,"origin":"https://a.example","op":"transmit","commands":["AKQE"]})",
      R"({"id":1,"origin":"https://a.example","op":"transmit","commands":["AKQEAA=="]})", R"({"id":1,"origin":"https://a.example","op":"transmit"})",
      R"({"id":1,"origin":"https://a.example","op":"unblock","puk":"12345678"})", R"({"id":1,"origin":"https://a.example","op":"unblock","pin":"135790"})",
      R"({"id":1,"origin":"https://a.example","op":"unblock","puk":12345678,"pin":"135790"})", R"({"id":1,"origin":"https://a.example","op":"unblock","puk":"12345678901234567","pin":"135790"})",
      R"({"id":1,"origin":"https://a.example","op":"unblock","container":16,"puk":"12345678","pin":"135790"})", R"({"id":1,"origin":"https://a.example","op":"pin_state","container":"1"})",
      R"({"id":1,"origin":"https://a.example","op":"pin_state","puk":"12345678"})",
      R"({"id":1,"id":2,"origin":"https://a.example","op":"readers"})", R"({"id":1,"origin":"https://a.example","op":"display","reply":{},"keys":""})"};
  for (const char* text : wrong) EXPECT_FALSE(decode(text).has_value()) << text;
  std::string many = R"({"id":1,"origin":"https://a.example","op":"transmit","commands":["AKQEAA")";
  for (int i = 0; i < 32; ++i) many += R"(,"AKQEAA")";
  EXPECT_FALSE(decode(many + "]}").has_value());
}

TEST(NativeMessages, the_id_of_a_bad_request_is_told_where_there_is_one) {
  EXPECT_EQ(native_id(SecretBytes(as_bytes(R"({"id":9,"op":"sign"})"))), 9);
  EXPECT_EQ(native_id(SecretBytes(as_bytes("nothing"))), 0);
}

}  // namespace
}  // namespace tf::terminal::test
