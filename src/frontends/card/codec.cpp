// The bytes of message.hpp: encode and decode side by side.
#include <algorithm>

#include "frontends/card/message.hpp"

namespace tf::frontends::card {
namespace {

constexpr bool digit(std::uint8_t c) { return c >= '0' && c <= '9'; }
bool known_mti(std::string_view mti) {
  return mti.size() == 4 && std::ranges::all_of(mti, [](char c) { return digit(static_cast<std::uint8_t>(c)); }) && mti[0] == '0' &&
         mti[1] != '0' && mti[1] != '9';
}
Error wrong(Code code, const char* reason, int number) { return {code, reason, "field " + std::to_string(number)}; }
bool has_digits(const Field& field) { return field.content == Content::n || field.content == Content::z; }

// A fixed stretch of memory that is filled from the front.
class Writer {
 public:
  explicit Writer(const Coding& coding) : packed_(coding.numbers == Coding::Numbers::packed), out_(kMaxMessage) {}

  void raw(ByteView bytes) {
    if (kMaxMessage - size_ < bytes.size()) {
      full_ = true;
      return;
    }
    std::ranges::copy(bytes, out_.reveal_mutable().subspan(size_).begin());
    size_ += bytes.size();
  }
  void digits(ByteView text) {
    if (!packed_) return raw(text);
    const auto nibble = [](std::uint8_t c) { return static_cast<std::uint8_t>(c == '=' ? 0xD : c - '0'); };
    std::size_t i = 0;
    if (text.size() % 2 != 0) octet(nibble(text[i++]));
    for (; i < text.size(); i += 2) octet(static_cast<std::uint8_t>(nibble(text[i]) << 4 | nibble(text[i + 1])));
  }
  void length(std::size_t number, std::size_t places) {
    std::uint8_t text[3];
    for (std::size_t i = places; i-- > 0; number /= 10) text[i] = static_cast<std::uint8_t>('0' + number % 10);
    digits({text, places});
  }
  Result<SecretBytes> take() {
    if (full_) return Error{Code::invalid, "card.size", "a message of more than 4096 octets"};
    out_.shorten(size_);
    return std::move(out_);
  }

 private:
  void octet(std::uint8_t value) { raw({&value, 1}); }

  bool packed_;
  bool full_ = false;
  std::size_t size_ = 0;
  SecretBytes out_;
};

class Reader {
 public:
  Reader(ByteView in, const Coding& coding) : packed_(coding.numbers == Coding::Numbers::packed), rest_(in) {}

  Result<ByteView> raw(std::size_t size) {
    if (rest_.size() < size) return Error{Code::malformed, "card.truncated", {}};
    const ByteView out = rest_.first(size);
    rest_ = rest_.subspan(size);
    return out;
  }
  // So many digits, as ASCII. The nibble D is '=', the other letters are none.
  Result<SecretBytes> digits(std::size_t count) {
    if (!packed_) return SecretBytes(TF_TRY(raw(count)));
    const ByteView octets = TF_TRY(raw((count + 1) / 2));
    SecretBytes out(count);
    const std::size_t skip = count % 2;
    if (skip != 0 && octets[0] >> 4 != 0) return Error{Code::malformed, "card.field", "an odd number of digits begins with a zero nibble"};
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint8_t pair = octets[(i + skip) / 2];
      const int nibble = (i + skip) % 2 == 0 ? pair >> 4 : pair & 0xF;
      out.reveal_mutable()[i] = static_cast<std::uint8_t>(nibble == 0xD ? '=' : nibble < 10 ? '0' + nibble : '?');
    }
    return out;
  }
  Result<std::size_t> length(std::size_t places) {
    const std::size_t padded = packed_ ? places + places % 2 : places;
    const SecretBytes text = TF_TRY(digits(padded));
    std::size_t number = 0;
    for (const std::uint8_t c : text.reveal()) {
      if (!digit(c)) return Error{Code::malformed, "card.field", "a length with something else than digits"};
      number = number * 10 + static_cast<std::size_t>(c - '0');
    }
    return number;
  }
  [[nodiscard]] bool at_end() const { return rest_.empty(); }

 private:
  bool packed_;
  ByteView rest_;
};

std::size_t places_of(const Field& field) { return field.length == Length::ll ? 2 : 3; }

void write_field(Writer& writer, const Field& field, ByteView value) {
  if (field.length != Length::fixed) writer.length(value.size(), places_of(field));
  if (has_digits(field)) return writer.digits(value);
  if (field.content != Content::xn) return writer.raw(value);
  writer.raw(value.first(1));
  writer.digits(value.subspan(1));
}

Result<SecretBytes> read_field(Reader& reader, const Field& field) {
  std::size_t size = field.size;
  if (field.length != Length::fixed) {
    size = TF_TRY(reader.length(places_of(field)));
    if (size == 0 || size > field.size) return wrong(Code::malformed, "card.field", field.number);
  }
  if (has_digits(field)) return reader.digits(size);
  if (field.content != Content::xn) return SecretBytes(TF_TRY(reader.raw(size)));
  SecretBytes out(size);
  const ByteView sign = TF_TRY(reader.raw(1));
  const SecretBytes number = TF_TRY(reader.digits(size - 1));
  out.reveal_mutable()[0] = sign[0];
  std::ranges::copy(number.reveal(), out.reveal_mutable().subspan(1).begin());
  return out;
}

void write_bitmap(Writer& writer, ByteView bits, Coding::Bitmap coding) {
  if (coding == Coding::Bitmap::binary) return writer.raw(bits);
  constexpr std::string_view kHex = "0123456789ABCDEF";
  for (const std::uint8_t octet : bits) {
    const char pair[] = {kHex[octet >> 4], kHex[octet & 0xF]};
    writer.raw(as_bytes({pair, 2}));
  }
}

Result<ByteArray<8>> read_bitmap(Reader& reader, Coding::Bitmap coding) {
  ByteArray<8> out{};
  if (coding == Coding::Bitmap::binary) {
    std::ranges::copy(TF_TRY(reader.raw(8)), out.begin());
    return out;
  }
  const ByteView text = TF_TRY(reader.raw(16));
  for (std::size_t i = 0; i < 16; ++i) {
    const std::uint8_t c = text[i];
    if (!digit(c) && (c < 'A' || c > 'F')) return Error{Code::malformed, "card.bitmap", "something else than hexadecimal digits"};
    out[i / 2] = static_cast<std::uint8_t>(out[i / 2] << 4 | (digit(c) ? c - '0' : c - 'A' + 10));
  }
  return out;
}

}  // namespace

Result<SecretBytes> encode(const Message& message, const Coding& coding) {
  if (!known_mti(message.mti())) return Error{Code::invalid, "card.mti", {}};
  ByteArray<16> bits{};
  if (message.needs_secondary()) bits[0] = 0x80;
  for (const auto& [number, value] : message.fields()) {
    const Field* known = field(number);
    if (known == nullptr) return wrong(Code::invalid, "card.unknown_field", number);
    if (!fits(*known, value.reveal())) return wrong(Code::invalid, "card.field", number);
    const auto bit = static_cast<std::size_t>(number - 1);
    bits[bit / 8] = static_cast<std::uint8_t>(bits[bit / 8] | 0x80 >> (bit % 8));
  }
  Writer writer(coding);
  writer.digits(as_bytes(message.mti()));
  write_bitmap(writer, ByteView(bits).first(message.needs_secondary() ? 16 : 8), coding.bitmap);
  for (const auto& [number, value] : message.fields()) write_field(writer, *field(number), value.reveal());
  return writer.take();
}

Result<Message> decode(ByteView bytes, const Coding& coding) {
  if (bytes.size() > kMaxMessage) return Error{Code::malformed, "card.trailing", {}};
  Reader reader(bytes, coding);
  const SecretBytes mti = TF_TRY(reader.digits(4));
  if (!known_mti(as_text(mti.reveal()))) return Error{Code::malformed, "card.mti", {}};
  Message out(as_text(mti.reveal()));
  ByteArray<16> bits{};
  std::ranges::copy(TF_TRY(read_bitmap(reader, coding.bitmap)), bits.begin());
  const bool secondary = (bits[0] & 0x80) != 0;
  if (secondary) std::ranges::copy(TF_TRY(read_bitmap(reader, coding.bitmap)), bits.begin() + 8);
  if (secondary && std::ranges::all_of(ByteView(bits).subspan(8), [](std::uint8_t octet) { return octet == 0; }))
    return Error{Code::malformed, "card.bitmap", "a secondary bitmap of no field"};
  for (int number = 2; number <= (secondary ? 128 : 64); ++number) {
    const auto bit = static_cast<std::size_t>(number - 1);
    if ((bits[bit / 8] & 0x80 >> (bit % 8)) == 0) continue;
    const Field* known = field(number);
    if (known == nullptr) return wrong(Code::malformed, "card.unknown_field", number);
    const SecretBytes value = TF_TRY(read_field(reader, *known));
    if (!fits(*known, value.reveal())) return wrong(Code::malformed, "card.field", number);
    out.set(number, value.reveal());
  }
  if (!reader.at_end()) return Error{Code::malformed, "card.trailing", {}};
  return out;
}

}  // namespace tf::frontends::card
