// Bytes of ISO 8583 messages: those of another library, and every field wrong.
#include <fstream>

#include "crypto/banking/retail_mac.hpp"
#include "frontends/card/message.hpp"
#include "tests/support/expect.hpp"
#include "wire/encoding.hpp"
#include "wire/json.hpp"

namespace tf::frontends::card {
namespace {

struct Vector {
  Message message;
  std::string hex;
  std::int64_t padding = 0;
};

std::vector<Vector> vectors(const char* list) {
  std::ifstream in(std::string(TRUSTFERRY_SOURCE_DIR) + "/vectors/iso8583/messages.json");
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  auto root = wire::JsonObject::parse(text).value();
  std::vector<Vector> out;
  for (auto& entry : root.objects(list, 100).value()) {
    Vector vector{Message(entry.text("mti").value()), entry.text("hex").value()};
    if (entry.has("padding")) vector.padding = entry.integer("padding", 1, 2).value();
    for (const std::string& line : entry.texts("fields", 100).value()) {
      const int number = std::stoi(line);
      const std::string value = line.substr(line.find('=') + 1);
      if (field(number)->content == Content::b) {
        vector.message.set(number, wire::from_hex(value).value());
      } else {
        vector.message.set(number, value);
      }
    }
    out.push_back(std::move(vector));
  }
  return out;
}

std::string hex_of(const Result<SecretBytes>& bytes) { return bytes ? wire::hex_lower(bytes->reveal()) : describe(bytes.error()); }

void expect_same(const Message& a, const Message& b) {
  EXPECT_EQ(a.mti(), b.mti());
  ASSERT_EQ(a.fields().size(), b.fields().size());
  for (const auto& [number, value] : a.fields()) EXPECT_EQ(as_text(value.reveal()), b.text(number)) << number;
}

const Coding kCodings[] = {{Coding::Numbers::ascii, Coding::Bitmap::binary}, {Coding::Numbers::packed, Coding::Bitmap::binary},
                           {Coding::Numbers::ascii, Coding::Bitmap::hex},    {Coding::Numbers::packed, Coding::Bitmap::hex}};

// A value that fits, of the largest size and of the smallest.
std::string sample(const Field& of, bool longest) {
  const std::size_t size = of.length == Length::fixed || longest ? of.size : 1;
  switch (of.content) {
    case Content::xn:
      return "C" + std::string(size - 1, '7');
    case Content::n:
      return std::string(size, '7');
    case Content::z:
      return size > 3 ? "62=" + std::string(size - 3, '1') : std::string(size, '1');
    case Content::b:
      return std::string(size, '\xA5');
    default:
      return std::string(size, 'Q');
  }
}

template <class Do>
void each_field(Do act) {
  for (int number = 2; number <= 128; ++number)
    if (const Field* known = field(number)) act(*known);
}

TEST(CardCodec, writes_the_bytes_of_another_library) {
  for (const Vector& vector : vectors("messages")) EXPECT_EQ(hex_of(encode(vector.message, {})), vector.hex);
}

TEST(CardCodec, reads_the_bytes_of_another_library) {
  for (const Vector& vector : vectors("messages")) {
    const auto message = decode(wire::from_hex(vector.hex).value(), {});
    ASSERT_OK(message);
    expect_same(*message, vector.message);
  }
}

TEST(CardCodec, macs_are_those_of_another_library) {
  const SecretBytes zak = wire::secret_from_hex("C1D0F8FB4958670DBA40AB1F3752EF0D").value();
  for (const Vector& vector : vectors("maced")) {
    const auto padding = vector.padding == 1 ? crypto::MacPadding::method_1 : crypto::MacPadding::method_2;
    const auto bytes = encode_with_mac(vector.message.clone(), {}, [&](ByteView data) { return crypto::retail_mac(zak.reveal(), data, padding); });
    EXPECT_EQ(hex_of(bytes), vector.hex);
    const Message read = decode(bytes->reveal(), {}).value();
    const auto parts = mac_of(read, bytes->reveal());
    ASSERT_TRUE(parts);
    EXPECT_EQ(wire::hex_lower(parts->mac), vector.hex.substr(vector.hex.size() - 16));
    EXPECT_EQ(parts->data.size(), bytes->size() - 8);
  }
}

TEST(CardCodec, a_mac_in_the_wrong_place_is_none) {
  Message both("0210");
  both.set(39, "00").set(64, Bytes(8)).set(90, std::string(42, '0')).set(128, Bytes(8));
  const SecretBytes bytes = encode(both, {}).value();
  EXPECT_FALSE(mac_of(both, bytes.reveal()));
  Message early("0210");
  early.set(64, Bytes(8)).set(90, std::string(42, '0'));
  EXPECT_FALSE(mac_of(early, encode(early, {})->reveal()));
  Message none("0210");
  none.set(39, "00");
  EXPECT_FALSE(mac_of(none, encode(none, {})->reveal()));
}

TEST(CardCodec, every_field_comes_back_in_every_coding) {
  for (const Coding& coding : kCodings) {
    each_field([&](const Field& of) {
      for (const bool longest : {false, true}) {
        Message message("0200");
        message.set(of.number, sample(of, longest));
        const auto bytes = encode(message, coding);
        ASSERT_OK(bytes);
        const auto read = decode(bytes->reveal(), coding);
        ASSERT_OK(read);
        expect_same(*read, message);
      }
    });
  }
}

TEST(CardCodec, every_field_that_breaks_off_is_refused_at_every_byte) {
  for (const Coding& coding : kCodings) {
    each_field([&](const Field& of) {
      Message message("0200");
      message.set(of.number, sample(of, false));
      const SecretBytes bytes = encode(message, coding).value();
      for (std::size_t size = 0; size < bytes.size(); ++size)
        EXPECT_REFUSED(decode(bytes.reveal().first(size), coding), Code::malformed, "card.truncated");
      Bytes longer = to_bytes(bytes.reveal());
      longer.push_back('0');
      EXPECT_REFUSED(decode(longer, coding), Code::malformed, "card.trailing");
    });
  }
}

TEST(CardCodec, every_field_with_a_character_it_cannot_have_is_refused) {
  each_field([](const Field& of) {
    if (of.content == Content::b) return;
    Message message("0200");
    message.set(of.number, sample(of, true));
    for (const int wrong : {0x00, 0x0A, 0x7F, 0xFF}) {
      Bytes bytes = to_bytes(encode(message, {})->reveal());
      bytes.back() = static_cast<std::uint8_t>(wrong);
      EXPECT_REFUSED(decode(bytes, {}), Code::malformed, "card.field");
    }
  });
}

TEST(CardCodec, every_length_out_of_bounds_is_refused) {
  each_field([](const Field& of) {
    if (of.length == Length::fixed) return;
    Message message("0200");
    message.set(of.number, sample(of, false));
    const std::string valid(as_text(encode(message, {})->reveal()));
    const std::size_t at = valid.size() - sample(of, false).size() - (of.length == Length::ll ? 2 : 3);
    const std::size_t places = of.length == Length::ll ? 2 : 3;
    std::vector<std::string> lengths = {std::string(places, '0'), std::string(places, 'x'), std::string(places - 1, ' ') + "1"};
    if (of.size < 99) lengths.push_back(places == 2 ? "99" : "999");
    for (const std::string& length : lengths) {
      const std::string wrong = valid.substr(0, at) + length + std::string(999, '1');
      EXPECT_REFUSED(decode(as_bytes(wrong), {}), Code::malformed, "card.field");
    }
  });
}

TEST(CardCodec, a_value_that_does_not_fit_is_not_written) {
  each_field([](const Field& of) {
    Message longer("0200");
    longer.set(of.number, sample(of, true) + "1");
    EXPECT_REFUSED(encode(longer, {}), Code::invalid, "card.field");
    if (of.length != Length::fixed || of.size == 1) return;
    Message shorter("0200");
    shorter.set(of.number, sample(of, true).substr(0, of.size - 1));
    EXPECT_REFUSED(encode(shorter, {}), Code::invalid, "card.field");
  });
}

TEST(CardCodec, unknown_fields_and_empty_bitmaps_are_refused) {
  const auto bytes = [](const char* hex) { return wire::from_hex(hex).value(); };
  EXPECT_REFUSED(decode(bytes("3032303080000000000000008000000000000000"), {}), Code::malformed, "card.unknown_field");  // 65
  EXPECT_REFUSED(decode(bytes("3032303080000000000000000000000000800000"), {}), Code::malformed, "card.unknown_field");  // 105
  EXPECT_REFUSED(decode(bytes("3032303080000000000000000000000000000000"), {}), Code::malformed, "card.bitmap");
  EXPECT_OK(decode(bytes("303230300000000000000000"), {}));
  Message unknown("0200");
  unknown.set(65, "1");
  EXPECT_REFUSED(encode(unknown, {}), Code::invalid, "card.unknown_field");
}

TEST(CardCodec, message_types_of_other_versions_are_refused) {
  for (const char* mti : {"1200", "2200", "0000", "0900", "02x0", "020", "02000"}) {
    EXPECT_REFUSED(encode(Message(mti), {}), Code::invalid, "card.mti");
    Bytes bytes = to_bytes(as_bytes(std::string(mti).substr(0, 4)));
    bytes.resize(12);
    if (std::string_view(mti).size() == 4) EXPECT_REFUSED(decode(bytes, {}), Code::malformed, "card.mti");
  }
}

TEST(CardCodec, packed_numbers_have_one_spelling) {
  const Coding packed{Coding::Numbers::packed, Coding::Bitmap::binary};
  Message message("0200");
  message.set(2, "621234567890123").set(49, "156").set(35, "62=49");
  const SecretBytes bytes = encode(message, packed).value();
  EXPECT_EQ(wire::hex_lower(bytes.reveal()), "02004000000020008000150621234567890123050" "62d49" "0156");
  Bytes odd = to_bytes(bytes.reveal());
  odd[odd.size() - 2] |= 0x10;  // the nibble that fills up
  EXPECT_REFUSED(decode(odd, packed), Code::malformed, "card.field");
  Bytes letter = to_bytes(bytes.reveal());
  letter.back() = 0x5A;
  EXPECT_REFUSED(decode(letter, packed), Code::malformed, "card.field");
}

TEST(CardCodec, errors_name_the_field_and_nothing_of_it) {
  Message message("0200");
  message.set(2, "62123456789012ab");
  const auto refused = encode(message, {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().detail, "field 2");
}

}  // namespace
}  // namespace tf::frontends::card
