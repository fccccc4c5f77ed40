/** Numbers that Germany's regulator keeps for films and the like: of the phones in a crowd, and of the accounts' owners. */
export const phoneNumber = (phone: number) => `4917139201${String(phone).padStart(2, '0')}`
export const ownerNumber = (owner: number) => `4917139209${String(owner).padStart(2, '0')}`
