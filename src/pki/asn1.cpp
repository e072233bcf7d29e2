#include "pki/asn1.hpp"

#include <openssl/pem.h>

#include <algorithm>
#include <chrono>
#include <ctime>

#include "crypto/digest.hpp"
#include "wire/encoding.hpp"

namespace tf::pki {
namespace {

constexpr std::size_t kMaxPem = 4U << 20;
constexpr std::int64_t kYear10000Ms = 253'402'300'800'000;

struct OpenSslFree {
  void operator()(void* data) const { OPENSSL_free(data); }
};
template <class T>
using OpenSslMemory = std::unique_ptr<T, OpenSslFree>;

std::size_t count_of(std::string_view text, std::string_view word) {
  std::size_t count = 0;
  for (std::size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + word.size())) ++count;
  return count;
}

bool printable(std::string_view text) {
  return std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

}  // namespace

Bytes tlv(Tag tag, std::initializer_list<ByteView> content) {
  std::size_t size = 0;
  for (const ByteView part : content) size += part.size();
  const int whole = ASN1_object_size(tag.constructed ? 1 : 0, static_cast<int>(size), tag.number);
  crypto::must(whole > 0, "DER");
  Bytes out(static_cast<std::size_t>(whole));
  std::uint8_t* at = out.data();
  ASN1_put_object(&at, tag.constructed ? 1 : 0, static_cast<int>(size), tag.number, tag.tag_class);
  for (const ByteView part : content) at = std::ranges::copy(part, at).out;
  return out;
}

void DerWriter::put(ByteView octets) {
  crypto::must(octets.size() <= at_, "DER");
  at_ -= octets.size();
  std::ranges::copy(octets, octets_.begin() + static_cast<std::ptrdiff_t>(at_));
}

void DerWriter::close(Tag tag, std::size_t size_before) {
  const std::size_t content = size() - size_before;
  const int whole = ASN1_object_size(tag.constructed ? 1 : 0, static_cast<int>(content), tag.number);
  const std::size_t header = static_cast<std::size_t>(whole) - content;
  crypto::must(whole > 0 && header <= at_, "DER");
  at_ -= header;
  std::uint8_t* to = octets_.data() + at_;
  ASN1_put_object(&to, tag.constructed ? 1 : 0, static_cast<int>(content), tag.number, tag.tag_class);
}

ByteView first_element(ByteView octets, bool contents_only) {
  const std::uint8_t* at = octets.data();
  long size = 0;
  int tag = 0;
  int form = 0;
  if ((ASN1_get_object(&at, &size, &tag, &form, static_cast<long>(octets.size())) & 0x81) != 0) {  // also one of indefinite length
    ERR_clear_error();
    return {};
  }
  const std::uint8_t* from = contents_only ? at : octets.data();
  return {from, at + size};
}

std::vector<ByteView> elements_of(ByteView octets) {
  std::vector<ByteView> out;
  while (!octets.empty()) {
    const ByteView first = first_element(octets, false);
    if (first.empty()) return {};
    out.push_back(first);
    octets = octets.subspan(first.size());
  }
  return out;
}

std::optional<ByteView> contents_of(ByteView octets, std::uint8_t first) {
  const ByteView contents = first_element(octets, true);
  const std::size_t size = contents.size(), header = size < 0x80 ? 2 : size < 0x100 ? 3 : size < 0x1'0000 ? 4 : 5;
  if (contents.data() == nullptr || octets.size() != header + size || octets.front() != first) return std::nullopt;
  return contents;
}

Result<std::int64_t> ms_of(const ASN1_TIME* time) {
  const int size = time == nullptr ? 0 : ASN1_STRING_length(time);
  std::tm parts{};
  const bool strict_form = size == (time != nullptr && ASN1_STRING_type(time) == V_ASN1_UTCTIME ? 13 : 15);
  if (!strict_form || as_text(octets_of(time)).back() != 'Z' || ASN1_TIME_to_tm(time, &parts) != 1)
    return Error{Code::malformed, "pki.time", "not a time as RFC 5280 writes it"};
  return static_cast<std::int64_t>(timegm(&parts)) * 1000;
}

Asn1Time asn1_time(std::int64_t ms) {
  if (ms >= kYear10000Ms) return {};  // OpenSSL would write five digits
  return Asn1Time(ASN1_TIME_set(nullptr, static_cast<std::time_t>(ms / 1000)));
}

std::array<std::uint8_t, 15> time_text(std::int64_t ms) {
  using namespace std::chrono;
  const sys_seconds moment = floor<std::chrono::seconds>(sys_time<milliseconds>(milliseconds(ms)));
  const auto midnight = floor<days>(moment);
  const year_month_day date(midnight);
  const hh_mm_ss clock(moment - midnight);
  std::array<std::uint8_t, 15> out;
  const auto put = [&out](std::size_t at, std::int64_t value) {
    out[at] = static_cast<std::uint8_t>('0' + value / 10 % 10);
    out[at + 1] = static_cast<std::uint8_t>('0' + value % 10);
  };
  put(0, static_cast<int>(date.year()) / 100);
  put(2, static_cast<int>(date.year()) % 100);
  put(4, static_cast<unsigned>(date.month()));
  put(6, static_cast<unsigned>(date.day()));
  put(8, clock.hours().count());
  put(10, clock.minutes().count());
  put(12, clock.seconds().count());
  out[14] = 'Z';
  return out;
}

Result<std::string> serial_hex_of(const ASN1_INTEGER* serial) {
  const ByteView magnitude = serial == nullptr ? ByteView() : octets_of(serial);  // without leading zeros
  if (magnitude.empty() || magnitude.size() > 20 || magnitude.front() == 0 || ASN1_STRING_type(serial) != V_ASN1_INTEGER)
    return Error{Code::malformed, "pki.serial", "not a positive serial number of at most 20 octets"};
  return wire::hex_upper(magnitude);
}

Result<Asn1Integer> serial_from_hex(std::string_view hex) {
  const bool digits =
      !hex.empty() && hex.size() <= 40 && hex.find_first_not_of("0123456789ABCDEF") == std::string_view::npos;
  BIGNUM* number = nullptr;
  if (digits) BN_hex2bn(&number, std::string(hex).c_str());
  const crypto::Handle<BIGNUM, BN_free> owned(number);
  Asn1Integer serial(number == nullptr ? nullptr : BN_to_ASN1_INTEGER(number, nullptr));
  if (!serial || BN_is_zero(number) == 1)
    return Error{Code::invalid, "pki.serial", "not a serial number in upper-case hex"};
  return serial;
}

std::string text_of(const X509_NAME* name) {
  const crypto::BioHandle out(BIO_new(BIO_s_mem()));
  crypto::must(out && X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_RFC2253) >= 0, "X509_NAME_print_ex");
  char* data = nullptr;
  const long size = BIO_get_mem_data(out.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

Result<std::string> attribute_of(const X509_NAME* name, int nid) {
  const int at = X509_NAME_get_index_by_NID(name, nid, -1);
  if (at < 0) return std::string();
  const Error bad{Code::malformed, "pki.name", "a name's attribute stands twice or is not plain text"};
  if (X509_NAME_get_index_by_NID(name, nid, at) >= 0) return bad;
  std::uint8_t* utf8 = nullptr;
  const int size = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
  const OpenSslMemory<std::uint8_t> owned(size < 0 ? nullptr : utf8);
  if (!owned) return bad;
  std::string text(reinterpret_cast<const char*>(utf8), static_cast<std::size_t>(size));
  if (!printable(text)) return bad;
  return text;
}

std::string to_pem_text(const char* label, ByteView der) {
  const crypto::BioHandle out(BIO_new(BIO_s_mem()));
  crypto::must(out && PEM_write_bio(out.get(), label, "", der.data(), static_cast<long>(der.size())) > 0,
               "PEM_write_bio");
  char* data = nullptr;
  const long size = BIO_get_mem_data(out.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

Result<std::vector<Bytes>> from_pem_text(std::string_view text, std::string_view label, std::size_t max_blocks) {
  const std::size_t blocks = count_of(text, "-----BEGIN ");
  const Error bad{Code::malformed, "pki.pem", "not a text of PEM blocks \"" + std::string(label) + "\""};
  if (text.size() > kMaxPem || blocks == 0 || blocks > max_blocks) return bad;
  const crypto::BioHandle in(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  crypto::must(in != nullptr, "BIO_new_mem_buf");
  std::vector<Bytes> out;
  for (std::size_t i = 0; i < blocks; ++i) {
    char* name = nullptr;
    char* header = nullptr;
    std::uint8_t* data = nullptr;
    long size = 0;
    const bool read = PEM_read_bio(in.get(), &name, &header, &data, &size) == 1;
    ERR_clear_error();
    if (!read) return bad;
    const OpenSslMemory<char> owned_name(name), owned_header(header);
    const OpenSslMemory<std::uint8_t> owned_data(data);
    if (label != name || *header != '\0') return bad;
    out.emplace_back(data, data + size);
  }
  return out;
}

Result<Bytes> from_pem_text(std::string_view text, std::string_view label) {
  auto blocks = TF_TRY(from_pem_text(text, label, 1));
  return std::move(blocks.front());
}

Bytes key_id_of(const X509* certificate) {
  const Hash256 hash = crypto::sha256(octets_of(X509_get0_pubkey_bitstr(certificate)));
  return {hash.begin(), hash.begin() + 20};
}

}  // namespace tf::pki
